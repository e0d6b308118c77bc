import * as tf from "@tensorflow/tfjs";
import type { Builder } from "./builder.ts";
import { channelsFirst, firstAxis } from "./channels_first.ts";
import type { Call } from "./record.ts";

/**
 * Adds an operation on each element, in the layout that the tensor is there in.
 *
 * @param program gets it
 * @param call of the kernel
 * @param op its name in the program
 */
export function unary(program: Builder, call: Call, op: string): void {
  const [number] = Object.values(call.inputs) as [number];
  const layout = program.isFirst(number) ? "first" : "last";
  // Whole numbers and truth values become floats; nothing here computes with others.
  program.name(call, layout, program.step(op, [program.as(number, layout)]));
}

/**
 * Adds an operation on two tensors, which may broadcast.
 *
 * @param program gets it
 * @param call of the kernel
 * @param op its name in the program
 */
export function binary(program: Builder, call: Call, op: string): void {
  const { a, b } = call.inputs as { readonly a: number; readonly b: number };
  const isMap = (number: number) => program.value(number).shape.length === 4;
  const first = (isMap(a) && program.isFirst(a)) || (isMap(b) && program.isFirst(b));
  const side = (number: number): string => {
    const { shape } = program.value(number);
    if (!first || shape.length === 0) return program.as(number, "last");
    if (shape.length === 4) return program.as(number, "first");
    // Broadcast along the channels, which are not last here.
    const wide = [...Array.from({ length: 4 - shape.length }, () => 1), ...shape];
    return program.step("reshape", [program.as(number, "last")], {
      shape: channelsFirst(wide),
    })[0]!;
  };
  const sided = [a, b].every((number) =>
    program.value(number).shape.slice(0, -1).every((n) => n === 1) || isMap(number)
  );
  if (first && !sided) {
    return program.name(
      call,
      "last",
      program.step(op, [program.as(a, "last"), program.as(b, "last")]),
    );
  }
  program.name(call, first ? "first" : "last", program.step(op, [side(a), side(b)]));
}

/**
 * Adds a reduction over some axes.
 *
 * @param program gets it
 * @param call of the kernel
 * @param op its name in the program
 */
export function reduce(program: Builder, call: Call, op: string): void {
  const { attributes } = call, [number] = Object.values(call.inputs) as [number];
  const { shape } = program.value(number);
  const axes = tf.util.parseAxisParam(
    (attributes["reductionIndices"] ?? attributes["axis"] ?? null) as number[],
    [...shape],
  );
  const keep = program.value(call.outputs[0]!).shape.length === shape.length;
  const first = keep && shape.length === 4 && program.isFirst(number);
  const given = {
    axes: first ? axes.map((axis) => firstAxis(axis)) : axes,
    keep: Number(keep),
  };
  const layout = first ? "first" : "last";
  program.name(call, layout, program.step(op, [program.as(number, layout)], given));
}
