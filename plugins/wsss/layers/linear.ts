import * as tf from "@tensorflow/tfjs";
import type { Init, Params, ParamSpec } from "../../../core/contracts/params.ts";
import { addBias } from "../../ops/bias/add_bias.ts";
import { conv2d } from "../../ops/conv/conv2d.ts";
import { biasSpec } from "./conv_layer.ts";

/** What differs between linear layers. */
export interface LinearTraits {
  /** Whether it comes from pretraining; true where left out. */
  readonly pretrained?: boolean;
  /** How its weight starts; N(0, 0.02) truncated, as timm's transformers, where left out. */
  readonly init?: Init;
}

/**
 * Parameters of a linear layer.
 *
 * @param name the module, such as `blocks.0.attn.qkv`
 * @param input channels in
 * @param output channels out
 * @param traits what differs
 * @returns `<name>.weight`, `[input,output]` inside and `[output,input]` in files, and `<name>.bias`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { linearSpecs } from "seamstress/wsss";
 * assertEquals(linearSpecs("head", 384, 20).map(({ shape }) => shape), [[384, 20], [20]]);
 * ```
 */
export function linearSpecs(
  name: string,
  input: number,
  output: number,
  { pretrained = true, init = { kind: "truncated-normal", std: 0.02 } }: LinearTraits = {},
): readonly ParamSpec[] {
  return [
    {
      name: `${name}.weight`,
      shape: [input, output],
      layout: "linear",
      role: "weight",
      trainable: true,
      pretrained,
      init,
    },
    biasSpec(`${name}.bias`, output, { pretrained }),
  ];
}

/**
 * Applies a linear layer at every position: it is computed as the 1x1 convolution that it is.
 *
 * @param x `[N,H,W,input]` float32, such as tokens `[N,1,T,input]`
 * @param params holds what {@linkcode linearSpecs} names
 * @param name the module
 * @returns `[N,H,W,output]`
 */
export function linear(x: tf.Tensor4D, params: Params, name: string): tf.Tensor4D {
  return tf.tidy(() => {
    const weight = params.get(`${name}.weight`);
    const [input, output] = weight.shape as [number, number];
    const filter = tf.reshape<tf.Rank.R4>(weight, [1, 1, input, output]);
    return addBias(conv2d(x, filter, { pad: 0 }), params.get(`${name}.bias`));
  });
}
