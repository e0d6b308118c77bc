import { encodeSafetensors, Rng, type StateArray } from "seamstress";
import type { ChannelDropout } from "./network.ts";
import { type Problem, SEED, type Size, STAGE } from "./problem.ts";

/** Dropout mask that the trainer's random streams draw for one layer, view and step: `[batch, channels]`. */
function mask(
  step: number,
  view: number,
  layer: string,
  [channels, rate]: ChannelDropout,
  batch: number,
): StateArray {
  const data = new Float32Array(batch * channels);
  for (let sample = 0; sample < batch; sample++) {
    const rng = Rng.of(SEED, "pass", STAGE, step, view, sample, `dropout ${layer}`);
    for (let c = 0; c < channels; c++) {
      data[sample * channels + c] = rng.float() < rate ? 0 : 1 / (1 - rate);
    }
  }
  return { dtype: "F32", shape: [batch, channels], data };
}

/** `[N,H,W,C]` → `[N,C,H,W]`. */
function channelsFirst(data: Float32Array, [n, h, w, c]: readonly [number, number, number, 3]) {
  const moved = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const channel = i % c,
      pixel = Math.floor(i / c) % (h * w),
      sample = Math.floor(i / (c * h * w));
    moved[(sample * c + channel) * h * w + pixel] = data[i]!;
  }
  return { dtype: "F32", shape: [n, c, h, w], data: moved } as const;
}

/**
 * Encodes the full starting state of a step, so that another program can compute the same step.
 *
 * @param problem at its start
 * @param size of it
 * @param steps how many steps' dropout masks
 * @returns a safetensors file: parameters, `input.image`, `input.label`, `mask.STEP.VIEW.LAYER`
 */
export function encodeProblem(
  problem: Problem,
  size: Pick<Size, "batch" | "micro">,
  steps: number,
): Uint8Array<ArrayBuffer> {
  const { batch, network } = problem;
  const tensors = new Map(problem.state);
  tensors.set("input.image", channelsFirst(batch.image, batch.shape));
  tensors.set("input.label", {
    dtype: "F32",
    shape: [size.batch, batch.classes],
    data: batch.label,
  });
  for (let step = 0; step < steps; step++) {
    for (const view of [0, 1]) {
      for (const [layer, dropout] of Object.entries(network.dropout)) {
        const name = `mask.${step}.${view}.${layer}`;
        tensors.set(name, mask(step, view, layer, dropout, size.batch));
      }
    }
  }
  const { optimizer, scale } = network;
  const settings = { ...optimizer, scale, micro: size.micro, steps };
  return encodeSafetensors(tensors, {
    trained: JSON.stringify(problem.trained),
    ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)])),
  });
}
