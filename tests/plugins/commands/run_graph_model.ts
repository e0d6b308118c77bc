import * as tf from "@tensorflow/tfjs";

type Attributes = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface Model {
  readonly signature: { readonly outputs: Readonly<Record<string, { readonly name: string }>> };
  readonly modelTopology: {
    readonly node: readonly {
      readonly name: string;
      readonly op: string;
      readonly input: readonly string[];
      readonly attr: Attributes;
    }[];
  };
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly {
      readonly name: string;
      readonly shape: readonly number[];
      readonly dtype: "float32" | "int32";
    }[];
  }[];
}

/** Files of a model by name. */
export type GraphFiles = ReadonlyMap<string, string | Uint8Array>;

/** Tensors that the weights files hold, by name; every byte of them. */
export function readWeights(files: GraphFiles): ReadonlyMap<string, tf.Tensor> {
  const { weightsManifest: [group] } = JSON.parse(files.get("model.json") as string) as Model;
  const shards = group!.paths.map((path) => files.get(path) as Uint8Array);
  const bytes = new Uint8Array(shards.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const shard of shards) {
    bytes.set(shard, filled);
    filled += shard.length;
  }
  const found = new Map<string, tf.Tensor>();
  let at = 0;
  for (const { name, shape, dtype } of group!.weights) {
    const count = shape.reduce((a, b) => a * b, 1);
    const part = bytes.slice(at, at += 4 * count).buffer;
    const values = dtype === "int32" ? new Int32Array(part) : new Float32Array(part);
    found.set(name, tf.tensor(values, [...shape], dtype));
  }
  if (at !== bytes.length) throw new Error(`${bytes.length} bytes of weights, read ${at}`);
  return found;
}

type Run = (x: tf.Tensor[], attr: Attributes) => tf.Tensor | tf.Tensor[];

const list = (attr: Attributes, name: string) =>
  (attr[name]!["list"] as { readonly i: readonly string[] }).i.map(Number);

const rows = (attr: Attributes, name: string) => list(attr, name).slice(1, 3) as [number, number];

const text = (attr: Attributes, name: string) => atob(attr[name]!["s"] as string);

const numbers = (x: tf.Tensor) => [...x.dataSync()];

function padding(attr: Attributes) {
  if (text(attr, "padding") !== "EXPLICIT") return "valid";
  const pads = list(attr, "explicit_paddings");
  return [0, 2, 4, 6].map((i) => [pads[i], pads[i + 1]]) as tf.backend_util.ExplicitPadding;
}

function convolution(convolve: typeof tf.conv2d | typeof tf.depthwiseConv2d): Run {
  return ([x, filter], attr) =>
    convolve(
      x as tf.Tensor4D,
      filter as tf.Tensor4D,
      rows(attr, "strides"),
      padding(attr),
      "NHWC",
      rows(attr, "dilations"),
    );
}

/** What tfjs's loader does with an operation, of those that take tensors and attributes; others are called by their names. */
const RUN: Readonly<Record<string, Run>> = {
  AddV2: ([a, b]) => tf.add(a!, b!),
  Mul: ([a, b]) => tf.mul(a!, b!),
  Sub: ([a, b]) => tf.sub(a!, b!),
  RealDiv: ([a, b]) => tf.div(a!, b!),
  Identity: ([x]) => x!,
  Cast: ([x]) => tf.cast(x!, "float32"),
  Conv2D: convolution(tf.conv2d),
  DepthwiseConv2dNative: convolution(tf.depthwiseConv2d),
  MaxPool: ([x], attr) =>
    tf.maxPool(x as tf.Tensor4D, rows(attr, "ksize"), rows(attr, "strides"), "valid"),
  AvgPool: ([x], attr) =>
    tf.avgPool(x as tf.Tensor4D, rows(attr, "ksize"), rows(attr, "strides"), "valid"),
  PadV2: ([x, pads, value]) => {
    const flat = numbers(pads!);
    const pairs = x!.shape.map((_, i) => flat.slice(2 * i, 2 * i + 2) as [number, number]);
    return tf.pad(x!, pairs, numbers(value!)[0]);
  },
  FusedBatchNormV3: ([x, scale, offset, mean, variance], attr) =>
    tf.batchNorm(
      x as tf.Tensor4D,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      offset as tf.Tensor1D,
      scale as tf.Tensor1D,
      attr["epsilon"]!["f"] as number,
    ),
  Reshape: ([x, shape]) => tf.reshape(x!, numbers(shape!)),
  Transpose: ([x, perm]) => tf.transpose(x!, numbers(perm!)),
  Tile: ([x, reps]) => tf.tile(x!, numbers(reps!)),
  BatchMatMulV2: ([a, b], attr) =>
    tf.matMul(a!, b!, attr["adj_x"]!["b"] as boolean, attr["adj_y"]!["b"] as boolean),
  ConcatV2: (x) => tf.concat(x.slice(0, -1), numbers(x.at(-1)!)[0]),
  Slice: ([x, begin, size]) => tf.slice(x!, numbers(begin!), numbers(size!)),
  SplitV: ([x, sizes, axis]) => tf.split(x!, numbers(sizes!), numbers(axis!)[0]),
  ...Object.fromEntries((["sum", "mean", "max", "min"] as const).map((op): [string, Run] => [
    op[0]!.toUpperCase() + op.slice(1),
    ([x, axes], attr) => tf[op](x!, numbers(axes!), attr["keep_dims"]!["b"] as boolean),
  ])),
};

/**
 * Runs a graph model, node by node in the order of the file: what each reads has to stand before it.
 *
 * @param files as written
 * @param image `[1,H,W,3]`
 * @returns the outputs
 */
export function runGraphModel(files: GraphFiles, image: tf.Tensor): Record<string, tf.Tensor> {
  const model = JSON.parse(files.get("model.json") as string) as Model;
  return tf.tidy(() => {
    const weights = readWeights(files);
    const known = new Map<string, tf.Tensor>();
    for (const { name, op, input, attr } of model.modelTopology.node) {
      const args = input.map((from) => known.get(from)!);
      const plain = op[0]!.toLowerCase() + op.slice(1);
      const run = Object.hasOwn(RUN, op)
        ? RUN[op]!
        : ([x, y]: tf.Tensor[]) =>
          (tf as unknown as Record<string, (...x: (tf.Tensor | undefined)[]) => tf.Tensor>)[plain]!(
            ...y ? [x, y] : [x],
          );
      const made = op === "Placeholder"
        ? image
        : op === "Const"
        ? weights.get(name)!
        : run(args, attr);
      [made].flat().forEach((tensor, i) => known.set(i === 0 ? name : `${name}:${i}`, tensor));
    }
    return Object.fromEntries(
      Object.entries(model.signature.outputs)
        .map(([key, { name }]) => [key, known.get(name.replace(/:0$/, ""))!]),
    );
  });
}
