import * as tf from "@tensorflow/tfjs";
import type { ParamSpec } from "../../../core/contracts/params.ts";
import type { StateDict } from "../../../core/contracts/state_dict.ts";
import { joinBytes } from "../../formats/join_bytes.ts";
import { noCounterpart } from "./no_counterpart.ts";
import type { Call, Recording } from "./record.ts";
import { attribute, dimensions, GraphBuilder, type GraphWeight } from "./tfjs_graph.ts";
import { convolve, normalize, pool } from "./tfjs_windows.ts";

/** Bytes of a weights file, at most: what browsers keep in their caches, and what tfjs's own converter writes. */
const SHARD = 4 * 2 ** 20;

/** TensorFlow's operation where its inputs are the kernel's, in that order, and it has no attributes. */
const SIMPLE: Readonly<
  Record<string, { readonly op: string; readonly inputs: readonly string[] }>
> = {
  ...Object.fromEntries(
    ["Relu", "Relu6", "Elu", "Abs", "Neg", "Exp", "Log", "Erf", "Sqrt", "Rsqrt", "Square"]
      .concat("Sigmoid", "Tanh", "Identity")
      .map((op) => [op, { op, inputs: ["x"] }]),
  ),
  Softmax: { op: "Softmax", inputs: ["logits"] },
  ...Object.fromEntries(
    ["Sub", "RealDiv", "Maximum", "Minimum", "Equal"].map((op) => [op, { op, inputs: ["a", "b"] }]),
  ),
  Add: { op: "AddV2", inputs: ["a", "b"] },
  Multiply: { op: "Mul", inputs: ["a", "b"] },
};

const REDUCTIONS = ["Sum", "Mean", "Max", "Min"];

const OTHERS = [
  "Cast, Conv2D, DepthwiseConv2dNative, MaxPool, AvgPool, FusedBatchNorm, Reshape, ExpandDims",
  "Transpose, Tile, BatchMatMul, Concat, Slice, SplitV",
];

function add(graph: GraphBuilder, call: Call): void {
  const { kernel, inputs, attributes, outputs } = call;
  const [first] = Object.values(inputs) as [number];
  const { shape } = graph.value(first);
  const given = (op: string, input: readonly string[], attr = {}) =>
    graph.given(outputs, graph.node(op, input, { T: attribute.type("float32"), ...attr }));
  const axisOf = (axis: unknown) => tf.util.parseAxisParam(axis as number, [...shape]);
  if (Object.hasOwn(SIMPLE, kernel)) {
    const { op, inputs: names } = SIMPLE[kernel]!;
    return given(op, names.map((name) => graph.name(inputs[name]!)));
  }
  const x = graph.name(first);
  if (REDUCTIONS.includes(kernel)) {
    const axes = axisOf(attributes["reductionIndices"] ?? attributes["axis"] ?? null);
    const keep = graph.value(outputs[0]!).shape.length === shape.length;
    return given(kernel, [x, graph.constant(axes)], { keep_dims: attribute.truth(keep) });
  }
  const numbers = (name: string) => graph.constant(attributes[name] as readonly number[]);
  switch (kernel) {
    case "Conv2D":
    case "DepthwiseConv2dNative":
      return convolve(graph, call);
    case "MaxPool":
    case "AvgPool":
      return pool(graph, call);
    case "FusedBatchNorm":
      return normalize(graph, call);
    case "Cast":
      // Whole numbers and truth values become floats; nothing here computes with others.
      return given("Cast", [x], { DstT: attribute.type("float32") });
    case "Reshape":
    case "ExpandDims":
      return given("Reshape", [x, graph.constant(graph.value(outputs[0]!).shape)]);
    case "Transpose":
      return given("Transpose", [x, numbers("perm")]);
    case "Tile":
      return given("Tile", [x, numbers("reps")]);
    case "BatchMatMul":
      return given("BatchMatMulV2", [x, graph.name(inputs["b"]!)], {
        adj_x: attribute.truth(Boolean(attributes["transposeA"])),
        adj_y: attribute.truth(Boolean(attributes["transposeB"])),
      });
    case "Concat": {
      const parts = Object.values(inputs).map((number) => graph.name(number));
      const axis = graph.constant(axisOf(attributes["axis"]), { shape: [] });
      return given("ConcatV2", [...parts, axis], { N: attribute.whole(parts.length) });
    }
    case "Slice": {
      const [begin, size] = tf.slice_util.parseSliceParams(
        { shape: [...shape] } as tf.Tensor,
        attributes["begin"] as number[],
        attributes["size"] as number[],
      );
      return given("Slice", [x, graph.constant(begin!), graph.constant(size!)]);
    }
    case "SplitV": {
      const axes = axisOf(attributes["axis"]);
      const sizes = outputs.map((output) => graph.value(output).shape[axes[0]!]!);
      const axis = graph.constant(axes, { shape: [] });
      return given("SplitV", [x, graph.constant(sizes), axis], {
        num_split: attribute.whole(sizes.length),
      });
    }
  }
  throw noCounterpart(kernel, [...Object.keys(SIMPLE), ...REDUCTIONS, ...OTHERS]);
}

/** Weights one behind the other, as tfjs reads them. */
function joined(weights: readonly GraphWeight[]): Uint8Array<ArrayBuffer> {
  return joinBytes(weights.map(({ dtype, values }) => {
    const { buffer } = dtype === "int32" ? Int32Array.from(values) : Float32Array.from(values);
    return new Uint8Array(buffer);
  }));
}

/** A network to be written for tfjs. */
export interface TfjsModel {
  readonly recording: Recording;
  readonly params: readonly ParamSpec[];
  /** Parameters in PyTorch's layouts. */
  readonly weights: StateDict;
  /** What the file says of the network: classes, normalisation; plain JSON. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Writes a network as a graph model that tfjs's `loadGraphModel` loads: the input `image` `[1,H,W,3]`, an output for each of the
 * head's, maps channels last; parameters are constants with PyTorch's names, in tfjs's layouts.
 *
 * @param model the network
 * @returns files by name: `model.json`, and the weights that it names
 * @throws {TypeError} naming a kernel that has no counterpart
 */
export function encodeTfjs(
  { recording, params, weights, metadata }: TfjsModel,
): ReadonlyMap<string, string | Uint8Array<ArrayBuffer>> {
  const graph = new GraphBuilder(recording, params, weights);
  for (const call of recording.calls) add(graph, call);
  const outputs = Object.entries(recording.outputs);
  for (const [name, number] of outputs) graph.output(name, number);
  const info = (name: string, shape: readonly number[]) => ({
    name: `${name}:0`,
    dtype: "DT_FLOAT",
    tensorShape: dimensions(shape),
  });
  const image = recording.values.find(({ source }) => source.kind === "image")!;
  const bytes = joined(graph.weights);
  const count = Math.max(Math.ceil(bytes.length / SHARD), 1);
  const shards = Array.from(
    { length: count },
    (_, i) =>
      [`group1-shard${i + 1}of${count}.bin`, bytes.slice(i * SHARD, (i + 1) * SHARD)] as const,
  );
  const model = {
    format: "graph-model",
    generatedBy: "Seamstress",
    convertedBy: null,
    signature: {
      inputs: { image: info("image", image.shape) },
      outputs: Object.fromEntries(
        outputs.map(([name, number]) => [name, info(name, graph.value(number).shape)]),
      ),
    },
    userDefinedMetadata: metadata,
    modelTopology: { node: graph.nodes, library: {}, versions: { producer: 1 } },
    weightsManifest: [{
      paths: shards.map(([name]) => name),
      weights: graph.weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
    }],
  };
  return new Map<string, string | Uint8Array<ArrayBuffer>>([
    ...shards,
    ["model.json", JSON.stringify(model)],
  ]);
}
