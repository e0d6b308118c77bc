import type { ParamSpec } from "../../../core/contracts/params.ts";
import { Builder } from "./builder.ts";
import type { Layout } from "./channels_first.ts";
import { binary, reduce, unary } from "./elementwise.ts";
import { noCounterpart } from "./no_counterpart.ts";
import { concat, cut } from "./parts.ts";
import type { Program, Step } from "./program.ts";
import type { Call, Recording } from "./record.ts";
import { convolve, normalize, pool } from "./windows.ts";

const UNARY: Readonly<Record<string, string>> = {
  Relu: "relu",
  Relu6: "relu6",
  Elu: "elu",
  Abs: "abs",
  Neg: "neg",
  Exp: "exp",
  Log: "log",
  Erf: "erf",
  Sqrt: "sqrt",
  Rsqrt: "rsqrt",
  Square: "square",
  Sigmoid: "sigmoid",
  Tanh: "tanh",
  Identity: "identity",
  Cast: "float",
};

const BINARY: Readonly<Record<string, string>> = {
  Add: "add",
  Sub: "sub",
  Multiply: "mul",
  RealDiv: "div",
  Maximum: "maximum",
  Minimum: "minimum",
  Equal: "equal",
};

const REDUCTIONS: Readonly<Record<string, string>> = {
  Sum: "sum",
  Mean: "mean",
  Max: "max",
  Min: "min",
};

/**
 * Turns recorded kernels into operations on channels-first tensors; parameters have PyTorch's layouts.
 *
 * @param recording of a network
 * @param params its parameters
 * @returns the operations
 * @throws {TypeError} naming a kernel that has no counterpart
 */
export function lower(recording: Recording, params: readonly ParamSpec[]): Program {
  const program = new Builder(recording, params);
  for (const call of recording.calls) add(program, call);
  return program.program();
}

function add(program: Builder, call: Call): void {
  const { kernel, inputs, attributes } = call;
  const own = <T>(table: Readonly<Record<string, T>>) =>
    Object.hasOwn(table, kernel) ? table[kernel] : undefined;
  const element = own(UNARY), pair = own(BINARY), reduction = own(REDUCTIONS);
  if (element !== undefined) return unary(program, call, element);
  if (pair !== undefined) return binary(program, call, pair);
  if (reduction !== undefined) return reduce(program, call, reduction);
  const input = (name: string) => inputs[name]!;
  const at = (name: string, layout: Layout) => program.as(input(name), layout);
  const numbers = (name: string) => attributes[name] as readonly number[];
  const last = (op: string, names: readonly string[], given: Step["attributes"] = {}) =>
    program.name(call, "last", program.step(op, names, given));
  switch (kernel) {
    case "Conv2D":
    case "DepthwiseConv2dNative":
      return convolve(program, call);
    case "MaxPool":
    case "AvgPool":
      return pool(program, call);
    case "FusedBatchNorm":
      return normalize(program, call);
    case "Reshape":
      return last("reshape", [at("x", "last")], { shape: program.value(call.outputs[0]!).shape });
    case "ExpandDims":
      return last("reshape", [at("input", "last")], {
        shape: program.value(call.outputs[0]!).shape,
      });
    case "Transpose":
      return last("transpose", [at("x", "last")], { perm: numbers("perm") });
    case "Tile":
      return last("tile", [at("x", "last")], { repeats: numbers("reps") });
    case "BatchMatMul": {
      const side = (name: "a" | "b", flag: string) =>
        attributes[flag] ? swapped(program, at(name, "last"), input(name)) : at(name, "last");
      return last("matmul", [side("a", "transposeA"), side("b", "transposeB")]);
    }
    case "Softmax":
      return last("softmax", [at("logits", "last")]);
    case "Concat":
      return concat(program, call);
    case "Slice":
    case "SplitV":
      return cut(program, call);
  }
  throw noCounterpart(kernel, [
    ...Object.keys({ ...UNARY, ...BINARY, ...REDUCTIONS }),
    "Conv2D, DepthwiseConv2dNative, MaxPool, AvgPool, FusedBatchNorm, Reshape, ExpandDims",
    "Transpose, Tile, BatchMatMul, Softmax, Concat, Slice, SplitV",
  ]);
}

function swapped(program: Builder, name: string, number: number): string {
  const rank = program.value(number).shape.length;
  const perm = Array.from({ length: rank }, (_, i) => i);
  [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
  return program.step("transpose", [name], { perm })[0]!;
}
