import * as tf from "@tensorflow/tfjs";
import {
  allocate,
  type BenchCase,
  benchCase,
  type BenchMachine,
  conv2d,
  copyElements,
  type WebGpuMemory,
} from "seamstress/ops";

/** Prefix of the names of peaks. */
export const PEAK = "peak: ";

/**
 * Peak throughput of a device: a plain large matrix product, tfjs's and ours (a 1x1 convolution is one); a copy, and a shader
 * that reads two arrays and writes one. Of each pair the larger counts.
 *
 * @param machine with WebGPU
 * @returns cases of one implementation each
 */
export function peaks({ gpu }: BenchMachine): readonly BenchCase[] {
  // Sizes of matrices and arrays that are large enough to saturate a GPU or a CPU.
  const { n, elements, terms } = gpu
    ? { n: 4096, elements: 2 ** 26, terms: 2 ** 26 }
    : { n: 512, elements: 2 ** 22, terms: 2 ** 20 };
  const mebibytes = (size: number) => `${4 * size / 2 ** 20} MiB`;
  return [
    benchCase({
      name: `${PEAK}matMul ${n}x${n}x${n}`,
      flops: 2 * n ** 3,
      inputs: ({ uniform }) => [uniform<tf.Rank.R2>([n, n]), uniform<tf.Rank.R2>([n, n])] as const,
      implementations: { tfjs: ([a, b]) => tf.matMul(a, b) },
    }),
    benchCase({
      name: `${PEAK}conv 1x1 1x1x${n}x${n}->${n}`,
      flops: 2 * n ** 3,
      inputs: ({ uniform }) => {
        const shape: [number, number, number, number] = [1, 1, n, n];
        return [uniform<tf.Rank.R4>(shape), uniform<tf.Rank.R4>(shape)] as const;
      },
      implementations: { ours: ([image, filter]) => conv2d(image, filter, { pad: 0 }) },
    }),
    benchCase({
      name: `${PEAK}copy of ${mebibytes(elements)}`,
      bytes: 2 * 4 * elements,
      inputs: ({ keep }) => {
        const memory = tf.backend() as unknown as WebGpuMemory;
        const made = () =>
          keep(tf.engine().makeTensorFromTensorInfo(allocate(memory, [elements], "float32")));
        return { memory, from: made(), to: made() };
      },
      implementations: {
        tfjs: ({ memory, from, to }) =>
          copyElements(memory, { from, fromElement: 0, to, toElement: 0, count: elements }),
      },
    }),
    benchCase({
      name: `${PEAK}sum of two of ${mebibytes(terms)}`,
      bytes: 3 * 4 * terms,
      inputs: ({ uniform }) => [uniform([terms]), uniform([terms])] as const,
      implementations: { tfjs: ([a, b]) => tf.add(a, b) },
    }),
  ];
}
