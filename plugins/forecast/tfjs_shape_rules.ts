import * as tf from "@tensorflow/tfjs";
import { broadcast, like, reducedShape } from "../ops/define/shapes.ts";
import { convolution, each, first, type ShapeRule } from "./shape_rule.ts";

/** The output shape of an elementwise operation. */
const pairwise = (as?: tf.DataType): ShapeRule => ({ a, b }) => broadcast({ a: a!, b: b! }, as);

/** The output shape of a reduction. */
const reduction = (as?: tf.DataType): ShapeRule => (inputs, { axis, reductionIndices, keepDims }) =>
  reducedShape(
    first(inputs),
    { axis: (reductionIndices ?? axis) as number | number[], keepDims },
    as,
  );

/** The output shape of a matrix product. */
const product: ShapeRule = (inputs, { transposeA, transposeB }) => {
  const a = inputs["a"]!.shape, b = inputs["b"]!.shape;
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.slice(0, -2), b.slice(0, -2));
  return {
    shape: [...batch, a.at(transposeA ? -1 : -2)!, b.at(transposeB ? -2 : -1)!],
    dtype: "float32",
  };
};

/** Output shapes of those kernels of tfjs that no operation of ours describes, as the real ones compute them. */
export const TFJS_SHAPE_RULES: ReadonlyMap<string, ShapeRule> = new Map([
  ...each(
    "Abs Acos Acosh Asin Asinh Atan Atanh Ceil ClipByValue Cos Cosh Elu Erf Exp Expm1 Floor LeakyRelu Log Log1p " +
      "LogSoftmax LRN Neg OnesLike Prelu Reciprocal Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Sqrt " +
      "Square Step Tan Tanh ZerosLike Reverse Cumsum Cumprod Identity",
    (inputs) => like(first(inputs)),
  ),
  ["Softmax", (inputs) => like(inputs["logits"]!)],
  ...each("IsNan IsInf IsFinite LogicalNot", (inputs) => like(first(inputs), "bool")),
  ...each("EluGrad LRNGrad", (inputs) => like(inputs["dy"]!)),
  ...each(
    "Sub Maximum Minimum Mod FloorDiv SquaredDifference Pow Atan2",
    pairwise(),
  ),
  ["RealDiv", pairwise("float32")],
  ...each(
    "Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr LogicalXor",
    pairwise("bool"),
  ),
  ["AddN", (inputs) => like(inputs[0]!)],
  ["Select", (inputs) => like(inputs["t"]!)],
  ["Cast", (inputs, { dtype }) => like(first(inputs), dtype)],
  ["Prod", reduction()],
  ...each("All Any", reduction("bool")),
  ...each("ArgMax ArgMin", reduction("int32")),
  ["Reshape", (inputs, { shape }) => {
    const { shape: from, dtype } = first(inputs);
    const size = tf.util.sizeFromShape(from);
    return { shape: tf.util.inferFromImplicitShape([...shape], size), dtype };
  }],
  ["ExpandDims", (inputs, { dim }) => {
    const { shape, dtype } = first(inputs);
    const at = dim < 0 ? shape.length + dim + 1 : dim;
    return { shape: shape.toSpliced(at, 0, 1), dtype };
  }],
  ["Transpose", (inputs, { perm }) => {
    const { shape, dtype } = first(inputs);
    return { shape: perm.map((axis) => shape[axis]!), dtype };
  }],
  ["Concat", (inputs, { axis }) => {
    const parts = [...inputs];
    const [at] = tf.util.parseAxisParam(axis, parts[0]!.shape);
    const shape = tf.backend_util.computeOutShape(parts.map((part) => part.shape), at!);
    return { shape, dtype: parts[0]!.dtype };
  }],
  ["Pack", (inputs, { axis }) => {
    const { shape, dtype } = inputs[0]!;
    return { shape: shape.toSpliced(axis, 0, [...inputs].length), dtype };
  }],
  ["Unpack", (inputs, { axis }) => {
    const { shape, dtype } = inputs["value"]!;
    const at = axis < 0 ? shape.length + axis : axis;
    return Array.from({ length: shape[at]! }, () => ({ shape: shape.toSpliced(at, 1), dtype }));
  }],
  ["SplitV", (inputs, { numOrSizeSplits, axis }) => {
    const x = first(inputs) as tf.Tensor;
    const [at] = tf.util.parseAxisParam(axis, x.shape);
    const sizes = tf.backend_util.prepareSplitSize(x, numOrSizeSplits, at);
    return sizes.map((size) => ({ shape: x.shape.with(at!, size), dtype: x.dtype }));
  }],
  ["Slice", (inputs, { begin, size }) => {
    const x = first(inputs);
    return { shape: tf.slice_util.parseSliceParams(x, begin, size)[1]!, dtype: x.dtype };
  }],
  ["StridedSlice", (inputs, attributes) => {
    const { shape, dtype } = first(inputs);
    const { begin, end, strides, beginMask, endMask, ellipsisMask } = attributes;
    const { newAxisMask, shrinkAxisMask } = attributes;
    const info = tf.slice_util.sliceInfo(
      shape,
      begin,
      end,
      strides as number[],
      beginMask,
      endMask,
      ellipsisMask,
      newAxisMask,
      shrinkAxisMask,
    );
    return { shape: info.finalShape, dtype };
  }],
  ["Tile", (inputs, { reps }) => {
    const { shape, dtype } = first(inputs);
    return { shape: shape.map((size, i) => size * reps[i]!), dtype };
  }],
  ...each("PadV2 MirrorPad", (inputs, { paddings }) => {
    const { shape, dtype } = first(inputs);
    const padded = shape.map((size, i) => size + paddings[i]![0] + paddings[i]![1]);
    return { shape: padded, dtype };
  }),
  ["GatherV2", (inputs, { axis, batchDims }) => {
    const x = first(inputs) as tf.Tensor, indices = inputs["indices"] as tf.Tensor;
    const [at] = tf.util.parseAxisParam(axis, x.shape);
    const info = tf.backend_util.segment_util.collectGatherOpShapeInfo(
      x,
      indices,
      at!,
      batchDims ?? 0,
    );
    return { shape: info.outputShape, dtype: x.dtype };
  }],
  ["GatherNd", (inputs) => {
    const { shape, dtype } = inputs["params"]!, indices = inputs["indices"]!.shape;
    return { shape: [...indices.slice(0, -1), ...shape.slice(indices.at(-1))], dtype };
  }],
  ["ScatterNd", (inputs, { shape }) => ({ shape, dtype: inputs["updates"]!.dtype })],
  ["SparseToDense", (inputs, { outputShape }) => ({
    shape: outputShape,
    dtype: inputs["sparseValues"]!.dtype,
  })],
  ["UnsortedSegmentSum", (inputs, { numSegments }) => {
    const { shape, dtype } = first(inputs);
    const { length } = inputs["segmentIds"]!.shape;
    return { shape: [numSegments, ...shape.slice(length)], dtype };
  }],
  ["OneHot", (inputs, { depth, dtype }) => ({
    shape: [...inputs["indices"]!.shape, depth],
    dtype: dtype ?? "float32",
  })],
  ["Fill", (_, { shape, dtype }) => ({ shape, dtype: dtype ?? "float32" })],
  ["Range", (_, { start, stop, step, dtype }) => ({
    shape: [Math.max(Math.ceil((stop - start) / step), 0)],
    dtype: dtype ?? "float32",
  })],
  ["TopK", (inputs, { k }) => {
    const { shape, dtype } = first(inputs);
    const top = shape.with(-1, k);
    return [{ shape: top, dtype }, { shape: top, dtype: "int32" }];
  }],
  ["FusedConv2D", convolution(false)],
  ["FusedDepthwiseConv2D", convolution(true)],
  ...each("Conv2DBackpropInput DepthwiseConv2dNativeBackpropInput", (_, { inputShape }) => ({
    shape: inputShape,
    dtype: "float32",
  })),
  ...each("Conv2DBackpropFilter DepthwiseConv2dNativeBackpropFilter", (_, { filterShape }) => ({
    shape: filterShape,
    dtype: "float32",
  })),
  ["_FusedMatMul", product],
  ["AvgPoolGrad", (inputs) => like(inputs["input"]!)],
  ...each("ResizeBilinear ResizeNearestNeighbor", (inputs, { size }) => {
    const { shape: [n, , , c] } = inputs["images"]!;
    return { shape: [n!, ...size, c!], dtype: "float32" };
  }),
  ...each("ResizeBilinearGrad ResizeNearestNeighborGrad", (inputs) => like(inputs["images"]!)),
]);
