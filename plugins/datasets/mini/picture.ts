import type { Raster } from "seamstress";
import { partAt } from "./animal.ts";
import { mulberry32 } from "./mulberry32.ts";
import { type Animal, CLASSES, type Clutter, drawScene } from "./scene.ts";
import { valueNoise } from "./value_noise.ts";

/** Width and height of the pictures, in pixels, to which the pixel lengths below refer. */
const SIDE = 64;
/** A class is labelled if it covers at least this many visible pixels, at width and height {@linkcode SIDE}. */
const LABEL_PIXELS = 30;
const STRIPE_LIGHT = 0.95, STRIPE_DARK = 0.05;

/** A generated picture with its ground truth. */
export interface Picture {
  /** RGB uint8. */
  readonly image: Raster;
  /** One channel uint8: 0 background, c + 1 the class of index c. */
  readonly mask: Raster;
  /** Classes with more than a few visible pixels, `[6]` in {0,1}. */
  readonly label: Float32Array;
}

/** Colours before clipping to 0..1, and the class of every pixel. */
interface Canvas {
  readonly side: number;
  readonly rgb: Float32Array;
  readonly classes: Uint8Array;
}

function paintBackground({ side, rgb }: Canvas, colour: readonly number[], random: () => number) {
  const coarse = valueNoise(side, 12 * side / SIDE, random);
  const fine = valueNoise(side, 3 * side / SIDE, random);
  for (let i = 0; i < side * side; i++) {
    const noise = 0.3 * coarse[i]! + 0.12 * fine[i]!;
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = colour[c]! + noise;
  }
}

function paintClutter({ side, rgb }: Canvas, { x, y, rx, ry, colour }: Clutter) {
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const across = ((column + 0.5) / side - x) / rx;
      const down = ((row + 0.5) / side - y) / ry;
      if (across * across + down * down <= 1) rgb.set(colour, (row * side + column) * 3);
    }
  }
}

function paintAnimal({ side, rgb, classes }: Canvas, animal: Animal, random: () => number) {
  const texture = valueNoise(side, 6 * side / SIDE, random);
  const cos = Math.cos(animal.tilt), sin = Math.sin(animal.tilt);
  const bands = animal.class % 2 === 1;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const x = ((column + 0.5) / side - animal.x) / animal.size;
      const y = ((row + 0.5) / side - animal.y) / animal.size;
      const along = x * cos + y * sin;
      const part = partAt(bands, animal.mirrored ? -along : along, y * cos - x * sin);
      if (part === "none") continue;
      const at = row * side + column;
      classes[at] = animal.class + 1;
      for (let c = 0; c < 3; c++) {
        const flat = part === "light" ? STRIPE_LIGHT : part === "dark" ? STRIPE_DARK : undefined;
        rgb[at * 3 + c] = flat ?? animal.colour[c]! + 0.12 * texture[at]!;
      }
    }
  }
}

/**
 * Paints picture `index` of the generated data set; the scene depends on the index alone.
 *
 * @param index from 0
 * @param side width and height, in pixels; the scene stays the same, its noise is drawn anew
 * @returns image, mask and label
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { paintPicture } from "./picture.ts";
 * const { image, mask } = paintPicture(0, 64);
 * assertEquals([image.width, image.height, image.channels, mask.channels], [64, 64, 3, 1]);
 * ```
 */
export function paintPicture(index: number, side: number): Picture {
  const random = mulberry32(7919 * index + 1);
  // Skipped, because the first numbers of neighbouring seeds are correlated.
  for (let i = 0; i < 3; i++) random();
  const scene = drawScene(random);
  const pixels = side * side;
  const canvas = { side, rgb: new Float32Array(pixels * 3), classes: new Uint8Array(pixels) };
  paintBackground(canvas, scene.background, random);
  for (const ellipse of scene.clutter) paintClutter(canvas, ellipse);
  for (const animal of scene.animals) paintAnimal(canvas, animal, random);

  const data = new Uint8Array(pixels * 3);
  for (let i = 0; i < data.length; i++) {
    const value = canvas.rgb[i]! + 0.08 * random() - 0.04;
    data[i] = Math.round(Math.min(Math.max(value, 0), 1) * 255);
  }
  const visible = new Uint32Array(CLASSES.length + 1);
  for (const kind of canvas.classes) visible[kind]!++;
  const fewest = LABEL_PIXELS * pixels / (SIDE * SIDE);
  return {
    image: { width: side, height: side, channels: 3, data },
    mask: { width: side, height: side, channels: 1, data: canvas.classes },
    label: Float32Array.from(CLASSES, (_, c) => visible[c + 1]! > fewest ? 1 : 0),
  };
}
