import { Rng, type StateArray, type StateDict } from "seamstress";
import type { Batch } from "seamstress/wsss";

/** Seed of all random numbers. */
export const SEED = 1;

const PRESENT = 2;

/** Images of a step. */
export interface ImagesSize {
  /** Width and height. */
  readonly crop: number;
  readonly batch: number;
}

/**
 * Gives the batch norms statistics of their own that keep activations bounded; with larger weights, too, gradients of deep networks come to
 * depend on float32's rounding.
 *
 * @param state of a network
 * @returns the same with random batch norms
 */
export function withStatistics(state: StateDict): StateDict {
  const ranges: Readonly<Record<string, readonly [number, number]>> = {
    weight: [0.25, 0.75],
    bias: [-0.1, 0.1],
    running_mean: [-0.1, 0.1],
    running_var: [0.5, 1.5],
  };
  return new Map([...state].map(([name, array]): [string, StateArray] => {
    const module = name.slice(0, name.lastIndexOf("."));
    const range = state.has(`${module}.running_mean`) && ranges[name.slice(module.length + 1)];
    if (!range) return [name, array];
    const rng = Rng.of(SEED, "statistics", name);
    const data = Float32Array.from(array.data as Float32Array, () => rng.uniform(...range));
    return [name, { ...array, data }];
  }));
}

/**
 * Smooth noise plus fine noise, and two classes per image.
 *
 * @param size of the images, and how many
 * @param classes foreground classes
 * @returns the batch
 */
export function randomBatch({ crop, batch }: ImagesSize, classes: number): Batch {
  const image = new Float32Array(batch * crop * crop * 3);
  const label = new Float32Array(batch * classes);
  for (let n = 0; n < batch; n++) {
    const rng = Rng.of(SEED, "image", n);
    for (let i = 0; i < PRESENT; i++) label[n * classes + rng.integer(classes)] = 1;
    const waves = Array.from({ length: 3 }, () => [rng.uniform(0, 0.2), rng.uniform(0, 0.2)]);
    for (let i = 0; i < crop * crop; i++) {
      for (const [c, [down, across]] of waves.entries()) {
        const phase = down! * Math.floor(i / crop) + across! * (i % crop);
        image[(n * crop * crop + i) * 3 + c] = 1.5 * Math.sin(phase) + rng.uniform(-0.5, 0.5);
      }
    }
  }
  const indices = Array.from({ length: batch }, (_, i) => i);
  return {
    indices,
    names: indices.map(String),
    shape: [batch, crop, crop, 3],
    image,
    classes,
    label,
  };
}
