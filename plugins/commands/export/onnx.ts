import type { StateDict } from "../../../core/contracts/state_dict.ts";
import type { Program, Step } from "./program.ts";
import { ProtoWriter } from "./protobuf.ts";

/** The operator set whose meaning the nodes have, and the version of the file format. */
const OPSET = 17, IR_VERSION = 8;

/** ONNX's numbers of element types. */
const FLOAT = 1, INT64 = 7;

/** ONNX's operator where inputs and attributes are ours. */
const SIMPLE: Readonly<Record<string, string>> = {
  relu: "Relu",
  elu: "Elu",
  abs: "Abs",
  neg: "Neg",
  exp: "Exp",
  log: "Log",
  erf: "Erf",
  sqrt: "Sqrt",
  sigmoid: "Sigmoid",
  tanh: "Tanh",
  identity: "Identity",
  add: "Add",
  sub: "Sub",
  mul: "Mul",
  div: "Div",
  maximum: "Max",
  minimum: "Min",
  equal: "Equal",
  matmul: "MatMul",
};

/** What a model says of itself besides the graph. */
export interface OnnxModel {
  readonly program: Program;
  /** Parameters in PyTorch's layouts. */
  readonly weights: StateDict;
  /** Of the image, `[1,3,H,W]`. */
  readonly image: readonly number[];
  /** Texts by key, such as the classes. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Writes an attribute: a whole number or a list of them, or a float. */
function attribute(name: string, value: number | readonly number[], float = false): ProtoWriter {
  const written = new ProtoWriter().block(1, name);
  if (typeof value !== "number") {
    for (const each of value) written.integer(8, each);
    return written.integer(20, 7);
  }
  return float ? written.float(2, value).integer(20, 1) : written.integer(3, value).integer(20, 2);
}

function tensor(
  name: string,
  type: number,
  shape: readonly number[],
  data: Float32Array | BigInt64Array,
): ProtoWriter {
  const written = new ProtoWriter();
  for (const size of shape) written.integer(1, size);
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return written.integer(2, type).block(8, name).block(9, bytes);
}

function valueInfo(name: string, shape: readonly number[]): ProtoWriter {
  const dimensions = new ProtoWriter();
  for (const size of shape) dimensions.block(1, new ProtoWriter().integer(1, size));
  const type = new ProtoWriter().integer(1, FLOAT).block(2, dimensions);
  return new ProtoWriter().block(1, name).block(2, new ProtoWriter().block(1, type));
}

/** Nodes and the constants that they need. */
class Nodes {
  readonly nodes: ProtoWriter[] = [];
  readonly constants: ProtoWriter[] = [];

  node(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: readonly ProtoWriter[] = [],
  ): void {
    const written = new ProtoWriter();
    for (const name of inputs) written.block(1, name);
    for (const name of outputs) written.block(2, name);
    written.block(3, outputs[0]!).block(4, type);
    for (const each of attributes) written.block(5, each);
    this.nodes.push(written);
  }

  /** A list of whole numbers as an input. */
  numbers(values: readonly number[]): string {
    const name = `n${this.constants.length}`;
    const data = BigInt64Array.from(values, BigInt);
    this.constants.push(tensor(name, INT64, [values.length], data));
    return name;
  }

  number(value: number): string {
    const name = `n${this.constants.length}`;
    this.constants.push(tensor(name, FLOAT, [], Float32Array.of(value)));
    return name;
  }

  add({ op, inputs, outputs, attributes }: Step): void {
    const list = (name: string) => attributes[name] as readonly number[];
    const one = (name: string) => attributes[name] as number;
    const x = inputs[0]!, out = outputs[0]!;
    if (Object.hasOwn(SIMPLE, op)) return this.node(SIMPLE[op]!, inputs, outputs);
    switch (op) {
      case "conv":
        return this.node("Conv", inputs, outputs, [
          attribute("kernel_shape", list("kernel")),
          attribute("strides", list("strides")),
          attribute("pads", list("pads")),
          attribute("dilations", list("dilations")),
          attribute("group", one("groups")),
        ]);
      case "max-pool":
      case "average-pool":
        return this.node(op === "max-pool" ? "MaxPool" : "AveragePool", inputs, outputs, [
          attribute("kernel_shape", list("kernel")),
          attribute("strides", list("strides")),
          attribute("pads", list("pads")),
        ]);
      case "batch-norm":
        return this.node("BatchNormalization", inputs, outputs, [
          attribute("epsilon", one("epsilon"), true),
        ]);
      case "relu6":
        return this.node("Clip", [x, this.number(0), this.number(6)], outputs);
      case "square":
        return this.node("Mul", [x, x], outputs);
      case "rsqrt":
        this.node("Sqrt", [x], [`${out}_root`]);
        return this.node("Reciprocal", [`${out}_root`], outputs);
      case "float":
        return this.node("Cast", inputs, outputs, [attribute("to", FLOAT)]);
      case "softmax":
        return this.node("Softmax", inputs, outputs, [attribute("axis", -1)]);
      case "transpose":
        return this.node("Transpose", inputs, outputs, [attribute("perm", list("perm"))]);
      case "tile":
        return this.node("Tile", [x, this.numbers(list("repeats"))], outputs);
      case "reshape":
        return this.node("Reshape", [x, this.numbers(list("shape"))], outputs);
      case "concat":
        return this.node("Concat", inputs, outputs, [attribute("axis", one("axis"))]);
      case "slice":
        return this.node(
          "Slice",
          [x, this.numbers(list("starts")), this.numbers(list("ends"))],
          outputs,
        );
      case "split":
        return this.node("Split", [x, this.numbers(list("sizes"))], outputs, [
          attribute("axis", one("axis")),
        ]);
      case "sum":
        return this.node("ReduceSum", [x, this.numbers(list("axes"))], outputs, [
          attribute("keepdims", one("keep")),
        ]);
      case "mean":
      case "max":
      case "min": {
        const type = { mean: "ReduceMean", max: "ReduceMax", min: "ReduceMin" }[op];
        return this.node(type, inputs, outputs, [
          attribute("axes", list("axes")),
          attribute("keepdims", one("keep")),
        ]);
      }
    }
    throw new Error(`No ONNX operator is known for ${op}`);
  }
}

/**
 * Writes a network as ONNX: parameters as initializers with PyTorch's names, the input `image`, an output for each of the head's.
 *
 * @param model the network
 * @returns the file
 */
export function encodeOnnx(
  { program, weights, image, metadata }: OnnxModel,
): Uint8Array<ArrayBuffer> {
  const nodes = new Nodes();
  program.steps.forEach((step) => nodes.add(step));
  const graph = new ProtoWriter();
  for (const [name, { name: from }] of Object.entries(program.outputs)) {
    nodes.node("Identity", [from], [name]);
  }
  for (const node of nodes.nodes) graph.block(1, node);
  graph.block(2, "seamstress");
  const used = new Set(program.steps.flatMap(({ inputs }) => inputs));
  for (const [name, { shape, data }] of weights) {
    if (!used.has(name)) continue;
    const floats = data instanceof Float32Array ? data : Float32Array.from(data, Number);
    graph.block(5, tensor(name, FLOAT, shape, floats));
  }
  for (const [name, { shape, values }] of program.constants) {
    graph.block(5, tensor(name, FLOAT, shape, Float32Array.from(values)));
  }
  for (const constant of nodes.constants) graph.block(5, constant);
  graph.block(11, valueInfo("image", image));
  for (const [name, { shape }] of Object.entries(program.outputs)) {
    graph.block(12, valueInfo(name, shape));
  }
  const model = new ProtoWriter().integer(1, IR_VERSION).block(2, "seamstress").block(7, graph)
    .block(8, new ProtoWriter().integer(2, OPSET));
  for (const [key, value] of Object.entries(metadata)) {
    model.block(14, new ProtoWriter().block(1, key).block(2, value));
  }
  return model.bytes();
}
