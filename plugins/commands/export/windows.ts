import * as tf from "@tensorflow/tfjs";
import type { Builder } from "./builder.ts";
import type { Call } from "./record.ts";

/**
 * Adds a convolution, depthwise or not, with its padding in pixels.
 *
 * @param program gets it
 * @param call of the kernel
 */
export function convolve(program: Builder, call: Call): void {
  const { kernel, inputs, attributes } = call;
  const depthwise = kernel === "DepthwiseConv2dNative";
  const x = program.value(inputs["x"]!), filter = program.value(inputs["filter"]!);
  const { strides, pad, dilations } = attributes as {
    readonly strides: number | [number, number];
    readonly pad: "same" | "valid" | number;
    readonly dilations?: number | [number, number];
  };
  const info = tf.backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filter.shape as [number, number, number, number],
    strides,
    dilations ?? 1,
    pad as "same",
    attributes["dimRoundingMode"] as "floor",
    depthwise,
  );
  const { top, left, bottom, right } = info.padInfo;
  const names = program.step("conv", [
    program.as(inputs["x"]!, "first"),
    program.filter(inputs["filter"]!, depthwise ? "depthwise" : "conv"),
  ], {
    kernel: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pads: [top, left, bottom, right],
    dilations: [info.dilationHeight, info.dilationWidth],
    groups: depthwise ? info.inChannels : 1,
  });
  program.name(call, "first", names);
}

/**
 * Adds a pooling, with its padding in pixels.
 *
 * @param program gets it
 * @param call of the kernel
 */
export function pool(program: Builder, call: Call): void {
  const { kernel, inputs, attributes } = call, { shape } = program.value(inputs["x"]!);
  const info = tf.backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    attributes["filterSize"] as number,
    attributes["strides"] as number,
    1,
    attributes["pad"] as number,
    attributes["dimRoundingMode"] as "floor",
  );
  const { top, left, bottom, right } = info.padInfo;
  const op = kernel === "MaxPool" ? "max-pool" : "average-pool";
  program.name(
    call,
    "first",
    program.step(op, [program.as(inputs["x"]!, "first")], {
      kernel: [info.filterHeight, info.filterWidth],
      strides: [info.strideHeight, info.strideWidth],
      pads: [top, left, bottom, right],
    }),
  );
}

/**
 * Adds a batch norm with fixed statistics.
 *
 * @param program gets it
 * @param call of the kernel
 */
export function normalize(program: Builder, call: Call): void {
  const { inputs, attributes } = call;
  const channels = program.value(inputs["x"]!).shape.at(-1)!;
  const vector = (name: string, otherwise: number) =>
    inputs[name] === undefined
      ? program.constant([channels], Array.from({ length: channels }, () => otherwise))
      : program.as(inputs[name], "last");
  const names = program.step("batch-norm", [
    program.as(inputs["x"]!, "first"),
    vector("scale", 1),
    vector("offset", 0),
    program.as(inputs["mean"]!, "last"),
    program.as(inputs["variance"]!, "last"),
  ], { epsilon: attributes["varianceEpsilon"] as number });
  program.name(call, "first", names);
}
