import * as tf from "@tensorflow/tfjs";
import type { Builder } from "./builder.ts";
import { channelsFirst, firstAxis } from "./channels_first.ts";
import type { Call } from "./record.ts";

/**
 * Adds a concatenation.
 *
 * @param program gets it
 * @param call of the kernel
 */
export function concat(program: Builder, call: Call): void {
  const numbers = Object.values(call.inputs);
  const { shape } = program.value(numbers[0]!);
  const [axis] = tf.util.parseAxisParam(call.attributes["axis"] as number, [...shape]);
  const first = shape.length === 4 && numbers.some((number) => program.isFirst(number));
  const layout = first ? "first" : "last";
  const names = program.step("concat", numbers.map((number) => program.as(number, layout)), {
    axis: first ? firstAxis(axis!) : axis!,
  });
  program.name(call, layout, names);
}

/**
 * Adds a slice or a split.
 *
 * @param program gets it
 * @param call of the kernel
 */
export function cut(program: Builder, call: Call): void {
  const { kernel, inputs, attributes } = call, number = inputs["x"]!;
  const { shape } = program.value(number);
  const first = shape.length === 4 && program.isFirst(number), layout = first ? "first" : "last";
  const x = program.as(number, layout);
  if (kernel === "Slice") {
    const [begin, size] = tf.slice_util.parseSliceParams(
      { shape: [...shape] } as tf.Tensor,
      attributes["begin"] as number[],
      attributes["size"] as number[],
    );
    const starts = first ? channelsFirst(begin!) : begin!,
      sizes = first ? channelsFirst(size!) : size!;
    const ends = starts.map((start, i) => start + sizes[i]!);
    return program.name(call, layout, program.step("slice", [x], { starts, ends }));
  }
  const [axis] = tf.util.parseAxisParam(attributes["axis"] as number, [...shape]);
  const sizes = call.outputs.map((output) => program.value(output).shape[axis!]!);
  const at = first ? firstAxis(axis!) : axis!;
  program.name(call, layout, program.step("split", [x], { axis: at, sizes }, sizes.length));
}
