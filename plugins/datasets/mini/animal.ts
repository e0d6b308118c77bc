/** The part of an animal that covers a point. */
export type Part = "none" | "body" | "light" | "dark";

const HEAD_X = 0.8, HEAD_Y = -0.42, HEAD_RADIUS = 0.42;
const STRIPE_PERIOD = 0.45;
const LEGS = [-0.6, -0.2, 0.25, 0.65];
const LEG_HALF_WIDTH = 0.1, LEG_LENGTH = 0.9;

/** Whether a coordinate lies within a stripe; every period begins with a stripe. */
const striped = (at: number) => at / STRIPE_PERIOD - Math.floor(at / STRIPE_PERIOD) < 0.5;

/**
 * Returns the part of an animal that covers a point. An animal has a body, legs and a head; two animals of the same hue differ
 * only in the head.
 *
 * @param bands whether the head has dark horizontal stripes; else it has light vertical ones
 * @param u position along the body in units of the animal's size; 0 is the centre, positive towards the head
 * @param v position across the body in the same units, positive downwards
 * @returns `body` for body, legs and the head between its stripes; `light` and `dark` for the stripes
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { partAt } from "./animal.ts";
 * assertEquals(partAt(false, 0, 0), "body");
 * assertEquals(partAt(false, 0.81, -0.42), "light");
 * assertEquals(partAt(true, 0.81, -0.41), "dark");
 * assertEquals(partAt(false, -0.9, -0.9), "none");
 * ```
 */
export function partAt(bands: boolean, u: number, v: number): Part {
  const headU = u - HEAD_X, headV = v - HEAD_Y;
  if (headU * headU + headV * headV <= HEAD_RADIUS * HEAD_RADIUS) {
    if (bands) return striped(headV) ? "dark" : "body";
    return striped(headU) ? "light" : "body";
  }
  const alongBody = u / 0.95, acrossBody = v / 0.5;
  if (alongBody * alongBody + acrossBody * acrossBody <= 1) return "body";
  const leg = v >= 0 && v <= LEG_LENGTH && LEGS.some((at) => Math.abs(u - at) <= LEG_HALF_WIDTH);
  return leg ? "body" : "none";
}
