import * as tf from "@tensorflow/tfjs";
import { conv2d } from "../../plugins/ops/conv/conv2d.ts";
import { allocate, copyElements, type WebGpuMemory } from "../../plugins/ops/webgpu/memory.ts";
import type { Case } from "./measure.ts";
import { random } from "./random.ts";
import { device } from "./sides.ts";

/** Sides of a matrix and elements of an array, of which a GPU or a CPU has enough to do. */
const SIZES = device.software
  ? { matrix: 512, elements: 2 ** 22, sum: 2 ** 20 }
  : { matrix: 4096, elements: 2 ** 26, sum: 2 ** 26 };

/** What names of peaks begin with. */
export const PEAK = "peak: ";

/**
 * What the device can do at most: a plain large matrix product, tfjs's and ours (a 1x1 convolution is one); a copy, and a shader
 * that reads two arrays and writes one. Of each pair the larger counts.
 *
 * @returns cases; tensors are made when this is called
 */
export function peaks(): Case[] {
  const { matrix: n, elements } = SIZES;
  const rows = random<tf.Rank.R2>([n, n]), columns = random<tf.Rank.R2>([n, n]);
  const image = tf.keep(rows.reshape<tf.Tensor4D>([1, 1, n, n]));
  const filter = tf.keep(columns.reshape<tf.Tensor4D>([1, 1, n, n]));
  const memory = tf.backend() as unknown as WebGpuMemory;
  const [from, to] = [
    allocate(memory, [elements], "float32"),
    allocate(memory, [elements], "float32"),
  ];
  const copy = { from, fromElement: 0, to, toElement: 0, count: elements };
  const a = random([SIZES.sum]), b = random([SIZES.sum]);
  const mebibytes = (size: number) => `${4 * size / 2 ** 20} MiB`;
  return [
    {
      name: `${PEAK}matMul ${n}x${n}x${n}`,
      flop: 2 * n ** 3,
      sides: { stock: () => void tf.matMul(rows, columns) },
    },
    {
      name: `${PEAK}conv 1x1 1x1x${n}x${n}->${n}`,
      flop: 2 * n ** 3,
      sides: { ours: () => void conv2d(image, filter, { pad: 0 }) },
    },
    {
      name: `${PEAK}copy of ${mebibytes(elements)}`,
      bytes: 2 * 4 * elements,
      sides: { stock: () => copyElements(memory, copy) },
    },
    {
      name: `${PEAK}sum of two of ${mebibytes(SIZES.sum)}`,
      bytes: 3 * 4 * SIZES.sum,
      sides: { stock: () => void tf.add(a, b) },
    },
  ];
}
