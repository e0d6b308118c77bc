import * as tf from "@tensorflow/tfjs";
import type { ParamSpec } from "../../../core/contracts/params.ts";
import { userError } from "../../../core/errors.ts";
import type { Call, Recording, Value } from "./record.ts";

/** A number or a list of them. */
type Attribute = number | readonly number[] | readonly (readonly number[])[];

/** An operation on channels-first tensors, as PyTorch and ONNX have it. */
export interface Step {
  /** `conv`, `max-pool`, `batch-norm`, or the name of an elementwise or shape operation. */
  readonly op: string;
  /** Names: `image`, a parameter, a constant `c3` or an earlier step `x7`. */
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly string[];
}

/** A network as a list of operations. */
export interface Program {
  readonly steps: readonly Step[];
  /** Constants by name. */
  readonly constants: ReadonlyMap<string, { shape: readonly number[]; values: readonly number[] }>;
  /** Name and shape of each output, channels first where it is a map. */
  readonly outputs: Readonly<Record<string, { name: string; shape: readonly number[] }>>;
}

/** Where a map's channels stand. Other tensors are as they are, `last`. */
type Layout = "first" | "last";

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

/** Axis of channels-last tensors → the same of channels-first ones. */
const FIRST = [0, 2, 3, 1];

/**
 * Turns recorded kernels into operations on channels-first tensors; parameters have PyTorch's layouts.
 *
 * @param recording of a network
 * @param params its parameters
 * @returns the operations
 * @throws {TypeError} naming a kernel that has no counterpart
 */
export function lower(recording: Recording, params: readonly ParamSpec[]): Program {
  return new Lowering(recording, params).program();
}

class Lowering {
  readonly #recording: Recording;
  readonly #params: ReadonlyMap<string, ParamSpec>;
  readonly #steps: Step[] = [];
  readonly #constants = new Map<string, { shape: readonly number[]; values: readonly number[] }>();
  /** Names of a value in each layout that it was needed in. */
  readonly #names = new Map<number, Partial<Record<Layout, string>>>();

  constructor(recording: Recording, params: readonly ParamSpec[]) {
    this.#recording = recording;
    this.#params = new Map(params.map((spec) => [spec.name, spec]));
    const image = recording.values.findIndex(({ source }) => source.kind === "image");
    this.#names.set(image, { first: "image" });
  }

  program(): Program {
    const { calls, outputs, values } = this.#recording;
    for (const call of calls) this.#lower(call);
    return {
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([name, value]) => {
          const { shape } = values[value]!, layout = shape.length === 4 ? "first" : "last";
          const ordered = layout === "first" ? channelsFirst(shape) : shape;
          return [name, { name: this.#as(value, layout), shape: ordered }];
        }),
      ),
      steps: this.#steps,
      constants: this.#constants,
    };
  }

  #value(number: number): Value {
    return this.#recording.values[number]!;
  }

  #step(
    op: string,
    inputs: readonly string[],
    attributes: Step["attributes"] = {},
    outputs = 1,
  ): string[] {
    const first = this.#steps.reduce((sum, step) => sum + step.outputs.length, 0);
    const names = Array.from({ length: outputs }, (_, i) => `x${first + i}`);
    this.#steps.push({ op, inputs, attributes, outputs: names });
    return names;
  }

  #constant(shape: readonly number[], values: readonly number[]): string {
    const name = `c${this.#constants.size}`;
    this.#constants.set(name, { shape, values });
    return name;
  }

  /** The name of a value in a layout, made where it was not needed so before. */
  #as(number: number, layout: Layout): string {
    const names = this.#names.get(number) ?? {};
    const found = names[layout];
    if (found !== undefined) return found;
    const made = this.#make(number, layout, names);
    this.#names.set(number, { ...names, [layout]: made });
    return made;
  }

  #make(number: number, layout: Layout, names: Partial<Record<Layout, string>>): string {
    const { source, shape } = this.#value(number);
    if (layout === "first") {
      return this.#step("transpose", [this.#as(number, "last")], { perm: [0, 3, 1, 2] })[0]!;
    }
    if (names.first !== undefined) {
      return this.#step("transpose", [names.first], { perm: [0, 2, 3, 1] })[0]!;
    }
    if (source.kind === "constant") return this.#constant(shape, source.values);
    if (source.kind === "parameter") {
      const { layout } = this.#params.get(source.name)!;
      if (layout === "vector" || layout === "token") return source.name;
      const perm = { linear: [1, 0], conv: [2, 3, 1, 0], depthwise: [2, 3, 0, 1] }[layout];
      return this.#step("transpose", [source.name], { perm })[0]!;
    }
    throw new Error(`Value ${number} of ${source.kind} is used before it was made`);
  }

  /** A convolution's filter in PyTorch's layout. */
  #filter(number: number, kind: "conv" | "depthwise"): string {
    const { source } = this.#value(number);
    if (source.kind === "parameter" && this.#params.get(source.name)?.layout === kind) {
      return source.name;
    }
    // A linear layer that runs as a convolution of 1x1.
    const call = source.kind === "kernel" ? this.#callOf(number) : undefined;
    const from = call?.kernel === "Reshape" ? this.#value(call.inputs["x"]!).source : undefined;
    if (kind === "conv" && from?.kind === "parameter") {
      const spec = this.#params.get(from.name)!;
      if (spec.layout === "linear") {
        const [input, output] = spec.shape as [number, number];
        return this.#step("reshape", [from.name], { shape: [output, input, 1, 1] })[0]!;
      }
    }
    const perm = kind === "conv" ? [3, 2, 0, 1] : [2, 3, 0, 1];
    return this.#step("transpose", [this.#as(number, "last")], { perm })[0]!;
  }

  #callOf(number: number): Call | undefined {
    return this.#recording.calls.find(({ outputs }) => outputs.includes(number));
  }

  #isFirst(number: number): boolean {
    return this.#names.get(number)?.first !== undefined;
  }

  #name(call: Call, layout: Layout, names: readonly string[]): void {
    call.outputs.forEach((output, i) => this.#names.set(output, { [layout]: names[i]! }));
  }

  #lower(call: Call): void {
    const { kernel, inputs, attributes } = call;
    const own = <T>(table: Readonly<Record<string, T>>) =>
      Object.hasOwn(table, kernel) ? table[kernel] : undefined;
    const unary = own(UNARY), binary = own(BINARY), reduction = own(REDUCTIONS);
    if (unary !== undefined) return this.#unary(call, unary);
    if (binary !== undefined) return this.#binary(call, binary);
    if (reduction !== undefined) return this.#reduce(call, reduction);
    const input = (name: string) => inputs[name]!;
    const at = (name: string, layout: Layout) => this.#as(input(name), layout);
    const numbers = (name: string) => attributes[name] as readonly number[];
    const last = (op: string, names: readonly string[], given: Step["attributes"] = {}) =>
      this.#name(call, "last", this.#step(op, names, given));
    switch (kernel) {
      case "Conv2D":
      case "DepthwiseConv2dNative":
        return this.#convolve(call);
      case "MaxPool":
      case "AvgPool":
        return this.#pool(call);
      case "FusedBatchNorm":
        return this.#normalize(call);
      case "Reshape":
        return last("reshape", [at("x", "last")], { shape: this.#value(call.outputs[0]!).shape });
      case "ExpandDims":
        return last("reshape", [at("input", "last")], {
          shape: this.#value(call.outputs[0]!).shape,
        });
      case "Transpose":
        return last("transpose", [at("x", "last")], { perm: numbers("perm") });
      case "Tile":
        return last("tile", [at("x", "last")], { repeats: numbers("reps") });
      case "BatchMatMul": {
        const side = (name: "a" | "b", flag: string) =>
          attributes[flag] ? this.#swapped(at(name, "last"), input(name)) : at(name, "last");
        return last("matmul", [side("a", "transposeA"), side("b", "transposeB")]);
      }
      case "Softmax":
        return last("softmax", [at("logits", "last")]);
      case "Concat":
        return this.#concat(call);
      case "Slice":
      case "SplitV":
        return this.#cut(call);
    }
    throw userError(
      new TypeError(
        `Cannot export the network: its kernel ${kernel} has no counterpart here; those that have: ${
          [
            ...Object.keys({ ...UNARY, ...BINARY, ...REDUCTIONS }),
            "Conv2D, DepthwiseConv2dNative, MaxPool, AvgPool, FusedBatchNorm, Reshape, ExpandDims",
            "Transpose, Tile, BatchMatMul, Softmax, Concat, Slice, SplitV",
          ].join(", ")
        }`,
      ),
    );
  }

  #swapped(name: string, number: number): string {
    const rank = this.#value(number).shape.length;
    const perm = Array.from({ length: rank }, (_, i) => i);
    [perm[rank - 2], perm[rank - 1]] = [rank - 1, rank - 2];
    return this.#step("transpose", [name], { perm })[0]!;
  }

  #unary(call: Call, op: string): void {
    const [number] = Object.values(call.inputs) as [number];
    const layout = this.#isFirst(number) ? "first" : "last";
    // Whole numbers and truth values become floats; nothing here computes with others.
    this.#name(call, layout, this.#step(op, [this.#as(number, layout)]));
  }

  #binary(call: Call, op: string): void {
    const { a, b } = call.inputs as { readonly a: number; readonly b: number };
    const isMap = (number: number) => this.#value(number).shape.length === 4;
    const first = (isMap(a) && this.#isFirst(a)) || (isMap(b) && this.#isFirst(b));
    const side = (number: number): string => {
      const { shape } = this.#value(number);
      if (!first || shape.length === 0) return this.#as(number, "last");
      if (shape.length === 4) return this.#as(number, "first");
      // Broadcast along the channels, which are not last here.
      const wide = [...Array.from({ length: 4 - shape.length }, () => 1), ...shape];
      return this.#step("reshape", [this.#as(number, "last")], { shape: channelsFirst(wide) })[0]!;
    };
    const sided = [a, b].every((number) =>
      this.#value(number).shape.slice(0, -1).every((n) => n === 1) || isMap(number)
    );
    if (first && !sided) {
      return this.#name(call, "last", this.#step(op, [this.#as(a, "last"), this.#as(b, "last")]));
    }
    this.#name(call, first ? "first" : "last", this.#step(op, [side(a), side(b)]));
  }

  #reduce(call: Call, op: string): void {
    const { attributes } = call, [number] = Object.values(call.inputs) as [number];
    const { shape } = this.#value(number);
    const axes = tf.util.parseAxisParam(
      (attributes["reductionIndices"] ?? attributes["axis"] ?? null) as number[],
      [...shape],
    );
    const keep = this.#value(call.outputs[0]!).shape.length === shape.length;
    const first = keep && shape.length === 4 && this.#isFirst(number);
    const given = {
      axes: first ? axes.map((axis) => firstAxis(axis)) : axes,
      keep: Number(keep),
    };
    const layout = first ? "first" : "last";
    this.#name(call, layout, this.#step(op, [this.#as(number, layout)], given));
  }

  #convolve(call: Call): void {
    const { kernel, inputs, attributes } = call;
    const depthwise = kernel === "DepthwiseConv2dNative";
    const x = this.#value(inputs["x"]!), filter = this.#value(inputs["filter"]!);
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
    const names = this.#step("conv", [
      this.#as(inputs["x"]!, "first"),
      this.#filter(inputs["filter"]!, depthwise ? "depthwise" : "conv"),
    ], {
      kernel: [info.filterHeight, info.filterWidth],
      strides: [info.strideHeight, info.strideWidth],
      pads: [top, left, bottom, right],
      dilations: [info.dilationHeight, info.dilationWidth],
      groups: depthwise ? info.inChannels : 1,
    });
    this.#name(call, "first", names);
  }

  #pool(call: Call): void {
    const { kernel, inputs, attributes } = call, { shape } = this.#value(inputs["x"]!);
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
    this.#name(
      call,
      "first",
      this.#step(op, [this.#as(inputs["x"]!, "first")], {
        kernel: [info.filterHeight, info.filterWidth],
        strides: [info.strideHeight, info.strideWidth],
        pads: [top, left, bottom, right],
      }),
    );
  }

  #normalize(call: Call): void {
    const { inputs, attributes } = call;
    const channels = this.#value(inputs["x"]!).shape.at(-1)!;
    const vector = (name: string, otherwise: number) =>
      inputs[name] === undefined
        ? this.#constant([channels], Array.from({ length: channels }, () => otherwise))
        : this.#as(inputs[name], "last");
    const names = this.#step("batch-norm", [
      this.#as(inputs["x"]!, "first"),
      vector("scale", 1),
      vector("offset", 0),
      this.#as(inputs["mean"]!, "last"),
      this.#as(inputs["variance"]!, "last"),
    ], { epsilon: attributes["varianceEpsilon"] as number });
    this.#name(call, "first", names);
  }

  #concat(call: Call): void {
    const numbers = Object.values(call.inputs);
    const { shape } = this.#value(numbers[0]!);
    const [axis] = tf.util.parseAxisParam(call.attributes["axis"] as number, [...shape]);
    const first = shape.length === 4 && numbers.some((number) => this.#isFirst(number));
    const layout = first ? "first" : "last";
    const names = this.#step("concat", numbers.map((number) => this.#as(number, layout)), {
      axis: first ? firstAxis(axis!) : axis!,
    });
    this.#name(call, layout, names);
  }

  /** Slices and splits. */
  #cut(call: Call): void {
    const { kernel, inputs, attributes } = call, number = inputs["x"]!;
    const { shape } = this.#value(number);
    const first = shape.length === 4 && this.#isFirst(number), layout = first ? "first" : "last";
    const x = this.#as(number, layout);
    if (kernel === "Slice") {
      const [begin, size] = tf.slice_util.parseSliceParams(
        { shape: [...shape] } as tf.Tensor,
        attributes["begin"] as number[],
        attributes["size"] as number[],
      );
      const starts = first ? channelsFirst(begin!) : begin!,
        sizes = first ? channelsFirst(size!) : size!;
      const ends = starts.map((start, i) => start + sizes[i]!);
      return this.#name(call, layout, this.#step("slice", [x], { starts, ends }));
    }
    const [axis] = tf.util.parseAxisParam(attributes["axis"] as number, [...shape]);
    const sizes = call.outputs.map((output) => this.#value(output).shape[axis!]!);
    const at = first ? firstAxis(axis!) : axis!;
    this.#name(call, layout, this.#step("split", [x], { axis: at, sizes }, sizes.length));
  }
}

/** `[N,H,W,C]` → `[N,C,H,W]`. */
function channelsFirst([n, h, w, c]: readonly number[]): number[] {
  return [n!, c!, h!, w!];
}

/** The axis of a channels-first map that an axis of a channels-last one becomes. */
function firstAxis(axis: number): number {
  return FIRST[axis]!;
}
