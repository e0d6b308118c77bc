import type { Init } from "../../../core/contracts/params.ts";

/**
 * How PyTorch starts the weights of a convolution or a linear layer unless told otherwise: U(±1/√fanIn).
 *
 * @param kernel side of the kernel; 1 for a linear layer
 * @param input channels in
 * @param output channels out
 * @returns the same as a Xavier uniform, whose bounds depend on both fans
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { torchDefault } from "seamstress/wsss";
 * // As many in as out: the fans' mean is either.
 * assertEquals(torchDefault(3, 8, 8), { kind: "xavier-uniform", gain: Math.sqrt(1 / 3) });
 * ```
 */
export function torchDefault(kernel: number, input: number, output: number): Init {
  const fanIn = kernel ** 2 * input, fanOut = kernel ** 2 * output;
  return { kind: "xavier-uniform", gain: Math.sqrt((fanIn + fanOut) / (6 * fanIn)) };
}
