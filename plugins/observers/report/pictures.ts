import type { Colour, Raster } from "seamstress";

/** Colours of a heat map at 0, ¼, ½, ¾ and 1: cold to hot, distinct in lightness too. */
const HEAT: readonly Colour[] = [
  [26, 20, 80],
  [38, 110, 190],
  [60, 190, 140],
  [240, 200, 60],
  [225, 45, 30],
];

/** Opacity of the heat map over the photograph, for values 0 and 1. */
const HEAT_OVER = [0.35, 0.75] as const;

/** Opacity of a class's colour over the photograph. */
const MASK_OVER = 0.68;

/** Factor that darkens the photograph where the mask is background. */
const DIMMED = 0.45;

const UNKNOWN: Colour = [235, 235, 225];

/** With more classes than this, hues alone are too similar, so neighbouring hues differ in lightness too. */
const DISTINCT_HUES = 9;

/**
 * The report's colours of classes: hues evenly around the circle, from red.
 *
 * @param count number of classes
 * @returns red, green, blue by class index from 0
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { classColours } from "./pictures.ts";
 * assertEquals(new Set(classColours(20).map(String)).size, 20);
 * ```
 */
export function classColours(count: number): readonly Colour[] {
  return Array.from({ length: count }, (_, c) => {
    const hue = 360 * c / count;
    const lightness = count <= DISTINCT_HUES ? 0.54 : [0.54, 0.7, 0.4][c % 3]!;
    const chroma = (1 - Math.abs(2 * lightness - 1)) * 0.82;
    const channel = (shift: number) => {
      const k = (shift + hue / 30) % 12;
      const share = Math.max(-1, Math.min(k - 3, 9 - k, 1));
      return Math.round(255 * (lightness - chroma / 2 * share));
    };
    return [channel(0), channel(8), channel(4)];
  });
}

/** Heat-map colour of a value. */
function heat(value: number): Colour {
  const at = Math.min(Math.max(value, 0), 1) * (HEAT.length - 1);
  const below = Math.min(Math.floor(at), HEAT.length - 2);
  const [a, b] = [HEAT[below]!, HEAT[below + 1]!];
  const mix = (c: 0 | 1 | 2) => a[c] + (b[c] - a[c]) * (at - below);
  return [mix(0), mix(1), mix(2)];
}

function grey(image: Raster, pixel: number): number {
  const { data } = image;
  return 0.299 * data[3 * pixel]! + 0.587 * data[3 * pixel + 1]! + 0.114 * data[3 * pixel + 2]!;
}

function paint(image: Raster, colour: (pixel: number) => Colour): Raster {
  const { width, height } = image;
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) data.set(colour(pixel), 3 * pixel);
  return { width, height, channels: 3, data };
}

const blend = (under: number, over: Colour, share: number): Colour => [
  under + (over[0] - under) * share,
  under + (over[1] - under) * share,
  under + (over[2] - under) * share,
];

/**
 * Paints the strongest CAM of every pixel as heat over the grey photograph.
 *
 * @param image RGB uint8
 * @param cams by class, each of the image's size; 0..1
 * @returns RGB
 */
export function paintHeat(image: Raster, cams: ReadonlyMap<number, Float32Array>): Raster {
  const maps = [...cams.values()];
  return paint(image, (pixel) => {
    const value = maps.reduce((most, map) => Math.max(most, map[pixel]!), 0);
    const share = HEAT_OVER[0] + (HEAT_OVER[1] - HEAT_OVER[0]) * Math.min(value, 1);
    return blend(grey(image, pixel), heat(value), share);
  });
}

/**
 * Paints the classes of a mask over the grey photograph; background is dimmed.
 *
 * @param image RGB uint8
 * @param mask class of every pixel, 0 background, 255 unknown
 * @param colours of the classes, by index from 0
 * @returns RGB
 */
export function paintMask(image: Raster, mask: Uint8Array, colours: readonly Colour[]): Raster {
  return paint(image, (pixel) => {
    const label = mask[pixel]!;
    const under = grey(image, pixel);
    if (label === 0) return [under * DIMMED, under * DIMMED, under * DIMMED];
    return blend(under, colours[label - 1] ?? UNKNOWN, MASK_OVER);
  });
}

/**
 * Brings CAMs to a small picture's size.
 *
 * @param cams their size, and maps by class
 * @param image of the size that is wanted
 * @returns maps by class
 */
export function mapsOfSize(
  { width, height, maps }: {
    readonly width: number;
    readonly height: number;
    readonly maps: ReadonlyMap<number, Float32Array>;
  },
  image: Pick<Raster, "width" | "height">,
): ReadonlyMap<number, Float32Array> {
  const size = [image.width, image.height] as const;
  return new Map([...maps].map(([c, map]) => [c, sampleMap(map, [width, height], size)]));
}

/**
 * Resamples a map to a small picture's size, nearest neighbour: fine enough to look at.
 *
 * @param map `[height*width]`
 * @param from its width and height
 * @param to the picture's
 * @returns `[height*width]` of the picture
 */
export function sampleMap(
  map: Float32Array,
  from: readonly [number, number],
  to: readonly [number, number],
): Float32Array {
  const [fromWidth, fromHeight] = from, [width, height] = to;
  if (fromWidth === width && fromHeight === height) return map;
  return Float32Array.from({ length: width * height }, (_, i) => {
    const x = Math.floor((i % width + 0.5) * fromWidth / width);
    const y = Math.floor((Math.floor(i / width) + 0.5) * fromHeight / height);
    return map[y * fromWidth + x]!;
  });
}
