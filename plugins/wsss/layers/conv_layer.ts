import type { ParamSpec } from "../../../core/contracts/params.ts";

/**
 * The weight of a convolution.
 *
 * @param name the parameter's name, with `.weight`
 * @param shape HWIO
 * @param traits what differs from a pretrained weight that trains and starts from a Kaiming normal
 * @returns its spec
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { convSpec } from "seamstress/wsss";
 * assertEquals(convSpec("conv1a.weight", [3, 3, 3, 64], { trainable: false }).trainable, false);
 * ```
 */
export function convSpec(
  name: string,
  shape: readonly [number, number, number, number],
  traits: Partial<Pick<ParamSpec, "layout" | "trainable" | "pretrained" | "init">> = {},
): ParamSpec {
  return {
    name,
    shape,
    layout: "conv",
    role: "weight",
    trainable: true,
    pretrained: true,
    init: { kind: "kaiming-normal", scale: 1 },
    ...traits,
  };
}

/**
 * The bias of a convolution or of a linear layer; it starts at 0.
 *
 * @param name the parameter's name, with `.bias`
 * @param channels channels out
 * @param traits what differs from a pretrained bias that trains
 * @returns its spec
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { biasSpec } from "seamstress/wsss";
 * assertEquals(biasSpec("features.0.bias", 64).shape, [64]);
 * ```
 */
export function biasSpec(
  name: string,
  channels: number,
  traits: Partial<Pick<ParamSpec, "trainable" | "pretrained">> = {},
): ParamSpec {
  return {
    name,
    shape: [channels],
    layout: "vector",
    role: "bias",
    trainable: true,
    pretrained: true,
    init: { kind: "zeros" },
    ...traits,
  };
}
