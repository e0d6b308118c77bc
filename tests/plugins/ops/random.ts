import { Rng } from "../../../core/rng.ts";
import type { Reference } from "./reference.ts";

/** Uniform in -1 .. 1, float32 values, the same for the same name. */
export function randomArray(name: string, shape: readonly number[]): Reference {
  const rng = Rng.of(0, name);
  const length = shape.reduce((product, size) => product * size, 1);
  const data = Float64Array.from({ length }, () => Math.fround(rng.uniform(-1, 1)));
  return { shape, data };
}
