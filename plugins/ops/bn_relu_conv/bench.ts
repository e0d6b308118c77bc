import * as tf from "@tensorflow/tfjs";
import { benchCase, type BenchCases } from "../define/bench_case.ts";
import { bnReluConv2d } from "./bn_relu_conv2d.ts";

/** A pre-activated convolution of a residual block, forward and backward. */
function preactivated(size: number, channels: number, samples: number) {
  const shape: [number, number, number, number] = [samples, size, size, channels];
  interface Inputs {
    readonly x: tf.Tensor4D;
    readonly filter: tf.Tensor4D;
    readonly scale: tf.Tensor1D;
    readonly shift: tf.Tensor1D;
  }
  const run = ({ x, filter, scale, shift }: Inputs) =>
    tf.valueAndGrads((x, filter, residual) =>
      tf.sum(bnReluConv2d(x as tf.Tensor4D, scale, shift, filter as tf.Tensor4D, {
        pad: 1,
        residual: residual as tf.Tensor4D,
      }))
    )([x, filter, x]);
  return benchCase({
    name: `bn, relu, conv 3x3 ${shape.join("x")}, residual: forward and back`,
    flops: 6 * tf.util.sizeFromShape(shape) * 9 * channels,
    inputs: ({ uniform }): Inputs => ({
      x: uniform<tf.Rank.R4>(shape),
      filter: uniform<tf.Rank.R4>([3, 3, channels, channels]),
      scale: uniform<tf.Rank.R1>([channels]),
      shift: uniform<tf.Rank.R1>([channels]),
    }),
    // The composition takes too long at the large size.
    implementations: { ...samples === 1 && { composed: run }, ours: run },
  });
}

/** Residual blocks of ResNet38. */
export const bench: BenchCases = ({ backend, gpu }) =>
  backend === "wasm" ? [] : [...gpu ? [preactivated(56, 512, 8)] : [], preactivated(28, 64, 1)];
