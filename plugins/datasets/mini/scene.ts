import { hsvToRgb, type Rgb } from "./hsv_to_rgb.ts";

/** Names of the six animals, each a body hue and a stripe direction of the head; the class index is 2 · hue + stripes. */
export const CLASSES: readonly string[] = [
  "red-bars",
  "red-bands",
  "green-bars",
  "green-bands",
  "blue-bars",
  "blue-bands",
];

/** A dull ellipse that belongs to no class. Lengths are fractions of the picture's width. */
export interface Clutter {
  readonly x: number;
  readonly y: number;
  readonly rx: number;
  readonly ry: number;
  readonly colour: Rgb;
}

/** One object. Lengths are fractions of the picture's width. */
export interface Animal {
  /** Index into {@linkcode CLASSES}. */
  readonly class: number;
  readonly colour: Rgb;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  /** Whether the head is on the left. */
  readonly mirrored: boolean;
  /** Clockwise, in radians. */
  readonly tilt: number;
}

/** What a picture shows, back to front. */
export interface Scene {
  readonly background: Rgb;
  readonly clutter: readonly Clutter[];
  readonly animals: readonly Animal[];
}

/** Draws an animal of a class with its centre in a range of columns. */
function drawAnimal(
  kind: number,
  left: number,
  right: number,
  uniform: (low: number, high: number) => number,
): Animal {
  const hue = Math.floor(kind / 2) / 3 + 0.03 + uniform(-0.03, 0.03);
  return {
    class: kind,
    colour: hsvToRgb(hue, 0.8 + uniform(-0.05, 0.05), 0.65 + uniform(-0.06, 0.06)),
    x: uniform(left, right),
    y: uniform(0.3, 0.7),
    size: uniform(0.2, 0.34),
    mirrored: uniform(0, 1) < 0.5,
    tilt: uniform(-0.35, 0.35),
  };
}

/**
 * Draws a random scene: a dull background, one to three dull ellipses, and one animal or, in two pictures of five, two of
 * different classes side by side.
 *
 * @param random uniform in [0, 1)
 * @returns the scene
 */
export function drawScene(random: () => number): Scene {
  const uniform = (low: number, high: number) => low + (high - low) * random();
  const dull = (dark: number, light: number) =>
    hsvToRgb(random(), 0.2 * uniform(0.3, 1.2), uniform(dark, light));
  const background = dull(0.35, 0.65);
  const clutter = Array.from({ length: 1 + Math.floor(random() * 3) }, (): Clutter => ({
    x: random(),
    y: random(),
    rx: uniform(0.05, 0.16),
    ry: uniform(0.05, 0.16),
    colour: dull(0.25, 0.75),
  }));
  const two = random() < 0.4;
  const first = Math.floor(random() * CLASSES.length);
  const second = (first + 1 + Math.floor(random() * (CLASSES.length - 1))) % CLASSES.length;
  const animals = two
    ? [drawAnimal(first, 0.15, 0.4, uniform), drawAnimal(second, 0.6, 0.85, uniform)]
    : [drawAnimal(first, 0.28, 0.72, uniform)];
  return { background, clutter, animals };
}
