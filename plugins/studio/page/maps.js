import { getJson, getPixels } from "./data.js";
import { classColours, heat } from "./colours.js";

/** Place of a split's images among the studio's data. */
export const splitPlace = (run, split) => `runs/${run}/splits/${split}`;

/** Reads sizes and classes of an image. */
export function getFacts(place, index, signal) {
  return getJson(`${place}/images/${index}/image.json`, signal);
}

/** Reads the photograph, `[H,W,4]` bytes. */
export function getPhoto(place, index, signal) {
  return getPixels(`${place}/images/${index}/photo.png`, signal);
}

function numbers({ data, width, height }) {
  return {
    width,
    height,
    mask: Uint8Array.from({ length: width * height }, (_, i) => data[4 * i]),
  };
}

/** Reads the true mask: class numbers. */
export async function getTruth(place, index, signal) {
  return numbers(await getPixels(`${place}/images/${index}/truth.png`, signal));
}

/**
 * Reads what a stage made of an image.
 *
 * @returns `{width, height, mask}` or `{width, height, cams}`, class index from 0 → values 0..1
 */
export async function getMap(place, index, { source, width, height, classes }, signal) {
  const pixels = await getPixels(`${place}/images/${index}/map-${source}.png`, signal);
  if (!classes) return numbers(pixels);
  const size = width * height;
  const value = (at) => (pixels.data[4 * at] * 256 + pixels.data[4 * at + 1]) / 65535;
  const cams = new Map(
    classes.map((c, k) => [c, Float32Array.from({ length: size }, (_, i) => value(k * size + i))]),
  );
  return { width, height, cams };
}

/** A map in another size, nearest neighbour. */
export function resample(map, from, to) {
  if (from.width === to.width && from.height === to.height) return map;
  const result = new map.constructor(to.width * to.height);
  for (let y = 0; y < to.height; y++) {
    const row = Math.floor((y + 0.5) * from.height / to.height) * from.width;
    for (let x = 0; x < to.width; x++) {
      result[y * to.width + x] = map[row + Math.floor((x + 0.5) * from.width / to.width)];
    }
  }
  return result;
}

/** The mask that CAMs give at a threshold: the strongest class where it exceeds alpha, the lowest among equals. */
export function pseudoMask({ width, height, cams }, alpha) {
  const mask = new Uint8Array(width * height),
    strongest = new Float32Array(width * height).fill(alpha);
  for (const [c, map] of [...cams].sort(([a], [b]) => a - b)) {
    for (let i = 0; i < mask.length; i++) {
      if (map[i] > strongest[i]) {
        strongest[i] = map[i];
        mask[i] = c + 1;
      }
    }
  }
  return mask;
}

/** Shares of a colour over the photograph. */
const HEAT_OVER = [0.35, 0.75], MASK_OVER = 0.68, DIMMED = 0.45;

/** Colours where a mask is right, too small, too large, or of another class. */
export const ERRORS = { missed: [255, 190, 40], extra: [90, 150, 255], wrong: [235, 60, 60] };

function paint(photo, colour) {
  const painted = new ImageData(photo.width, photo.height);
  for (let i = 0; i < photo.width * photo.height; i++) {
    const [r, g, b] = [photo.data[4 * i], photo.data[4 * i + 1], photo.data[4 * i + 2]];
    const grey = 0.299 * r + 0.587 * g + 0.114 * b;
    const [red, green, blue] = colour(i, grey);
    painted.data.set([red, green, blue, 255], 4 * i);
  }
  return painted;
}

const over = (grey, colour, share) => colour.map((value) => grey + (value - grey) * share);

/** CAMs as heat over the grey photograph: of one class, or the strongest of all. */
export function paintHeat(photo, map, only) {
  const chosen = [...map.cams].filter(([c]) => only === undefined || c === only);
  const maps = chosen.map(([, values]) => resample(values, map, photo));
  return paint(photo, (i, grey) => {
    const value = maps.reduce((most, values) => Math.max(most, values[i]), 0);
    return over(
      grey,
      heat(value),
      HEAT_OVER[0] + (HEAT_OVER[1] - HEAT_OVER[0]) * Math.min(value, 1),
    );
  });
}

/** Classes of a mask over the grey photograph; background is dimmed. */
export function paintMask(photo, size, mask, classes) {
  const colours = classColours(classes), numbers = resample(mask, size, photo);
  return paint(photo, (i, grey) => {
    if (numbers[i] === 0) return [grey * DIMMED, grey * DIMMED, grey * DIMMED];
    return over(grey, colours[numbers[i] - 1] ?? [235, 235, 225], MASK_OVER);
  });
}

/** Where a mask differs from the truth. */
export function paintErrors(photo, size, mask, truth) {
  const found = resample(mask, size, photo), wanted = resample(truth.mask, truth, photo);
  return paint(photo, (i, grey) => {
    if (wanted[i] === 255 || found[i] === wanted[i]) {
      return [grey * DIMMED, grey * DIMMED, grey * DIMMED];
    }
    const { missed, extra, wrong } = ERRORS;
    return over(
      grey,
      found[i] === 0 || found[i] === 255 ? missed : wanted[i] === 0 ? extra : wrong,
      0.8,
    );
  });
}

/** A canvas that shows pixels. */
export function canvasOf(pixels, label) {
  const canvas = document.createElement("canvas");
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  if (Math.max(pixels.width, pixels.height) <= 128) canvas.className = "pixels";
  return canvas;
}

/** Views of CAMs, `[value, text]`: the strongest class everywhere, and each of some classes alone. */
export function camViews(shown, classes) {
  return [
    ["heat", "CAM: strongest class"],
    ...shown.map((c) => [`cam-${c}`, `CAM: ${classes[c]}`]),
  ];
}

/** The class that a view of `camViews` shows; undefined where it shows the strongest. */
export function classOfView(view) {
  const [, c] = view.split("-");
  return c === undefined ? undefined : Number(c);
}
