import { DEFAULT_LIMITS } from "../../core/recipe/limits.ts";
import { ops } from "../../plugins/ops/list.ts";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { type ConvAttributes, geometryOf } from "../../plugins/ops/conv/geometry.ts";
import { selectLargestOp } from "../../plugins/ops/select_largest/select_largest.ts";
import { wasmBackend } from "../../plugins/backends/wasm.ts";

/** Everything that tfjs registers for wasm, and all gradients: swapped whole between the two sides. */
export interface Registered {
  readonly kernels: readonly tf.KernelConfig[];
  readonly gradients: readonly tf.GradConfig[];
}

const GRADIENTS = ["Conv2D", "DepthwiseConv2dNative", "ResizeBilinear", "Max"];

function registered(): Registered {
  return {
    kernels: tf.getKernelsForBackend("wasm"),
    gradients: GRADIENTS.map((name) => tf.getGradient(name)),
  };
}

/**
 * Makes tfjs run one side's kernels and gradients from now on.
 *
 * @param side which
 */
export function swapIn(side: Registered): void {
  for (const { kernelName } of tf.getKernelsForBackend("wasm")) {
    tf.unregisterKernel(kernelName, "wasm");
  }
  side.kernels.forEach((kernel) => tf.registerKernel(kernel));
  for (const gradient of side.gradients) {
    tf.unregisterGradient(gradient.kernelName);
    tf.registerGradient(gradient);
  }
}

/** The gradient that most people write: one strided slice and one product a tap, zero-stuffing for the input. */
const perTap: tf.GradConfig = {
  kernelName: "Conv2D",
  inputsToSave: ["x", "filter"],
  gradFunc: (gradient, saved, attributes) => {
    const dy = gradient as tf.Tensor4D;
    const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
    const geometry = geometryOf(
      x.shape,
      filter.shape,
      attributes as unknown as ConvAttributes,
      false,
    );
    const { stride: [strides], pad: [[pad, after], [left, right]] } = geometry;
    const [n, h, w, c] = x.shape, [k, , , d] = filter.shape;
    const [, oh, ow] = dy.shape;
    return {
      x: () => {
        const flipped = filter.reverse([0, 1]).transpose<tf.Tensor4D>([0, 1, 3, 2]);
        const wide = tf.pad(dy.reshape<tf.Tensor3D>([n * oh * ow, 1, d]), [
          [0, 0],
          [0, strides - 1],
          [0, 0],
        ]).reshape<tf.Tensor3D>([n * oh, 1, ow * strides * d]);
        const image = tf.pad(wide, [[0, 0], [0, strides - 1], [0, 0]])
          .reshape<tf.Tensor4D>([n, oh * strides, ow * strides, d]);
        return tf.conv2d(image, flipped, 1, [
          [0, 0],
          [k - 1 - pad, h - oh * strides + pad],
          [k - 1 - left, w - ow * strides + left],
          [0, 0],
        ]);
      },
      filter: () => {
        const padded = tf.pad(x, [[0, 0], [pad, after], [left, right], [0, 0]])
          .transpose<tf.Tensor4D>([3, 0, 1, 2]);
        const flat = dy.reshape<tf.Tensor2D>([-1, d]);
        const taps: tf.Tensor2D[] = [];
        for (let i = 0; i < k; i++) {
          for (let j = 0; j < k; j++) {
            const end = [c, n, i + (oh - 1) * strides + 1, j + (ow - 1) * strides + 1];
            const pixels = strides === 1
              ? tf.slice(padded, [0, 0, i, j], [c, n, oh, ow])
              : tf.stridedSlice(padded, [0, 0, i, j], end, [1, 1, strides, strides]);
            taps.push(tf.matMul(pixels.reshape<tf.Tensor2D>([c, n * oh * ow]), flat));
          }
        }
        return tf.concat(taps, 0).reshape([k, k, c, d]);
      },
    };
  },
};

const noFactory = {
  limits: DEFAULT_LIMITS,
  create: () => Promise.reject(new Error("wasm names no other plugins")),
};
const before = registered();
/** What runs them. */
export const backend = await (await wasmBackend.create({}, undefined, noFactory)).prepare(ops);
/** All fixes and kernels of this project. */
export const ours: Registered = registered();
/** tfjs as it comes, with what it lacks: gradients, depthwise ones composed of its ops, and a top-k that keeps ties apart. */
export const stock: Registered = {
  kernels: [
    ...before.kernels,
    ...ours.kernels.filter(({ kernelName }) => kernelName === selectLargestOp.kernel),
  ],
  gradients: ours.gradients.map((g, i) =>
    g.kernelName === "Conv2D"
      ? perTap
      : g.kernelName.startsWith("Depthwise")
      ? g
      : before.gradients[i]!
  ),
};
