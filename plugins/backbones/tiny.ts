import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { type Backbone, definePlugin, type ParamSpec } from "seamstress";
import { conv2d, runInBlock } from "seamstress/ops";
import { biasSpec, convSpec } from "seamstress/wsss";
import { biasRelu } from "./bias_relu.ts";
import { residualSum } from "./residual_sum.ts";

/** A biased 3x3 convolution followed by ReLU. */
interface Layer {
  readonly name: string;
  readonly input: number;
  readonly output: number;
  readonly stride: 1 | 2;
  /** Whether its input is added to its output. */
  readonly residual: boolean;
}

function layers(width: number): readonly Layer[] {
  return [
    { name: "c1", input: 3, output: width, stride: 2, residual: false },
    { name: "c2", input: width, output: 2 * width, stride: 2, residual: false },
    { name: "t3", input: 2 * width, output: 2 * width, stride: 1, residual: true },
    { name: "t4", input: 2 * width, output: 4 * width, stride: 1, residual: false },
    { name: "z", input: 4 * width, output: 4 * width, stride: 1, residual: true },
  ];
}

/** Layers whose output is a tap, named as they are. */
const TAPS = ["t3", "t4", "z"];

function layerSpecs({ name, input, output, residual }: Layer): readonly ParamSpec[] {
  // A residual branch starts at half its usual size, so that the sum's variance stays near its input's.
  const init = { kind: "kaiming-normal", scale: residual ? 0.5 : 1 } as const;
  return [
    convSpec(`${name}.weight`, [3, 3, input, output], { pretrained: false, init }),
    biasSpec(`${name}.bias`, output, { pretrained: false }),
  ];
}

/** Five convolutions, stride 4, no batch norm: learns the mini world from scratch in minutes on a CPU. */
export const tiny = definePlugin({
  kind: "backbone",
  name: "tiny",
  summary: "five convolutions, stride 4, trained from scratch: for the mini world",
  options: z.strictObject({
    width: z.int().min(1).optional().describe("channels of c1; 16 unless given"),
  }),
  create({ width = 16 }): Backbone {
    const all = layers(width);
    return {
      taps: all.filter(({ name }) => TAPS.includes(name))
        .map(({ name, output }) => ({ name, channels: output, stride: 4 })),
      params: all.flatMap(layerSpecs),
      input: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
      blocks: all.map(({ name }) => name),
      forward: (image, params, context) =>
        tf.tidy(() => {
          const taps: Record<string, tf.Tensor4D> = {};
          let x = image;
          for (const { name, stride, residual } of all) {
            const weight = params.get(`${name}.weight`), bias = params.get(`${name}.bias`);
            const y = runInBlock(
              context,
              ([x]) => {
                const filter = weight as tf.Tensor as tf.Tensor4D;
                return biasRelu(conv2d(x!, filter, { stride, pad: 1 }), bias);
              },
              { [x === image ? "constants" : "inputs"]: [x], params: [weight, bias] },
            );
            x = residual ? residualSum(y, x) : y;
            if (TAPS.includes(name)) taps[name] = x;
          }
          return taps;
        }),
    };
  },
});
