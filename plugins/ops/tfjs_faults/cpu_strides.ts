import * as tf from "@tensorflow/tfjs";
import { attributesOf } from "../define/spec.ts";
import { fixKernel } from "../define/fix_kernel.ts";
import { floatsOf } from "../define/main_memory.ts";

type Elements = Float32Array | Int32Array | Uint8Array;

/** tfjs's operations on two tensors. */
const BINARY = [
  tf.Add,
  tf.Sub,
  tf.Multiply,
  tf.RealDiv,
  tf.FloorDiv,
  tf.Mod,
  tf.Pow,
  tf.Atan2,
  tf.SquaredDifference,
  tf.Maximum,
  tf.Minimum,
  tf.Equal,
  tf.NotEqual,
  tf.Greater,
  tf.GreaterEqual,
  tf.Less,
  tf.LessEqual,
  tf.LogicalAnd,
  tf.LogicalOr,
];

type Loop = (a: Float32Array, b: Float32Array, y: Float32Array) => void;

/** Those that training consists of, as loops of their own: tfjs calls a function and takes two remainders for every element. */
const LOOPS: ReadonlyMap<string, Loop> = new Map<string, Loop>([
  [tf.Add, (a, b, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[i]! + b[i]!;
  }],
  [tf.Sub, (a, b, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[i]! - b[i]!;
  }],
  [tf.Multiply, (a, b, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[i]! * b[i]!;
  }],
  [tf.RealDiv, (a, b, y) => {
    for (let i = 0; i < y.length; i++) y[i] = a[i]! / b[i]!;
  }],
]);

/** tfjs's reductions that transpose what they reduce, and what each calls its axes. */
const REDUCTIONS = [
  [tf.Sum, "axis"],
  [tf.Mean, "axis"],
  [tf.Max, "reductionIndices"],
  [tf.Min, "axis"],
] as const;

/**
 * tfjs's kernels on cpu make arrays of indices for every element that they broadcast, transpose, repeat or cut out: a microsecond each.
 * These walk through memory by strides instead; what is computed stays tfjs's, so that no bit changes.
 */
export function installCpuStrides(): void {
  for (const kernel of BINARY) {
    fixKernel({
      kernel,
      backend: "cpu",
      inputs: { a: "[…]", b: "[…]" },
      run({ a, b }, _, context) {
        if (!isPlain(a) || !isPlain(b)) return context.stock();
        const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
        const loop = LOOPS.get(kernel), bothFloats = a.dtype === "float32" && b.dtype === "float32";
        return withCopies(
          [a, b].map((x) =>
            tf.util.arraysEqual(x.shape, shape) ? x : () => broadcast(context.backend, x, shape)
          ),
          ([a, b]) => {
            if (loop === undefined || !bothFloats) return context.stock({ inputs: { a, b } });
            const y = new Float32Array(tf.util.sizeFromShape(shape));
            loop(floatsOf(context.backend, a!), floatsOf(context.backend, b!), y);
            return tf.tensor(y, shape);
          },
        );
      },
    });
  }
  for (const [kernel, axes] of REDUCTIONS) {
    fixKernel({
      kernel,
      backend: "cpu",
      inputs: { x: "[…]" },
      attributes: attributesOf<Record<string, number | number[]> & { keepDims: boolean }>(),
      run({ x }, attributes, context) {
        const rank = x.shape.length;
        const reduced = tf.util.parseAxisParam(attributes[axes] as number | number[], x.shape);
        const order = tf.backend_util.getAxesPermutation(reduced, rank);
        if (order === null || !isPlain(x)) return context.stock();
        const inner = tf.backend_util.getInnerMostAxes(reduced.length, rank);
        const y = withCopies(
          [() => transpose(context.backend, x, order)],
          ([x]) =>
            context.stock({
              inputs: { x },
              attributes: { ...attributes, [axes]: inner, keepDims: false },
            }),
        );
        return attributes.keepDims
          ? { ...y, shape: tf.backend_util.expandShapeToKeepDim(y.shape, reduced) }
          : y;
      },
    });
  }
  fixKernel({
    kernel: tf.Transpose,
    backend: "cpu",
    inputs: { x: "[…]" },
    attributes: attributesOf<{ perm: number[] }>(),
    run: ({ x }, { perm }, context) =>
      isPlain(x) ? transpose(context.backend, x, perm) : context.stock(),
  });
  fixKernel({
    kernel: tf.Tile,
    backend: "cpu",
    inputs: { x: "[…]" },
    attributes: attributesOf<{ reps: number[] }>(),
    run({ x }, { reps }, context) {
      if (!isPlain(x)) return context.stock();
      const shape = x.shape.flatMap((size, axis) => [reps[axis]!, size]);
      const strides = stridesOf(x.shape).flatMap((stride) => [0, stride]);
      const y = read(elementsOf(context.backend, x), shape, strides);
      return tf.tensor(y, x.shape.map((size, axis) => size * reps[axis]!), x.dtype);
    },
  });
  fixKernel({
    kernel: tf.Slice,
    backend: "cpu",
    inputs: { x: "[…]" },
    attributes: attributesOf<{ begin: number[]; size: number[] }>(),
    run({ x }, { begin, size }, context) {
      if (!isPlain(x)) return context.stock();
      const [from, shape] = tf.slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
      tf.slice_util.assertParamsValid(x, from, shape);
      const strides = stridesOf(x.shape);
      const first = from.reduce((sum, index, axis) => sum + index * strides[axis]!, 0);
      return tf.tensor(read(elementsOf(context.backend, x), shape, strides, first), shape, x.dtype);
    },
  });
}

/** Whether elements lie in one typed array. */
function isPlain({ dtype }: tf.TensorInfo): boolean {
  return dtype === "float32" || dtype === "int32" || dtype === "bool";
}

function elementsOf(backend: tf.KernelBackend, { dataId }: tf.TensorInfo): Elements {
  return backend.readSync(dataId) as Elements;
}

/** Elements from one index to the next, by axis. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => tf.util.sizeFromShape(shape.slice(axis + 1)));
}

/** A copy of another shape, repeated along axes where it has one element or none. */
function broadcast(
  backend: tf.KernelBackend,
  x: tf.TensorInfo,
  shape: readonly number[],
): tf.Tensor {
  const missing = shape.length - x.shape.length;
  const own = stridesOf(x.shape);
  const strides = shape.map((_, axis) =>
    axis < missing || x.shape[axis - missing] === 1 ? 0 : own[axis - missing]!
  );
  return tf.tensor(read(elementsOf(backend, x), shape, strides), [...shape], x.dtype);
}

/** A copy whose axis i is the given one's axis `order[i]`. */
function transpose(
  backend: tf.KernelBackend,
  x: tf.TensorInfo,
  order: readonly number[],
): tf.Tensor {
  const strides = stridesOf(x.shape);
  const shape = order.map((axis) => x.shape[axis]!);
  const y = read(elementsOf(backend, x), shape, order.map((axis) => strides[axis]!));
  return tf.tensor(y, shape, x.dtype);
}

/** Computes on tensors of which some are made for it alone. */
function withCopies(
  parts: readonly (tf.TensorInfo | (() => tf.Tensor))[],
  compute: (inputs: readonly tf.TensorInfo[]) => tf.TensorInfo,
): tf.TensorInfo {
  const copies: tf.Tensor[] = [];
  const inputs = parts.map((part) => {
    if (typeof part !== "function") return part;
    const copy = part();
    copies.push(copy);
    return copy;
  });
  const result = compute(inputs);
  tf.dispose(copies);
  return result;
}

/**
 * Copies elements in the order of a shape.
 *
 * @param from what to copy
 * @param shape of the copy
 * @param strides elements of `from` from one index of each axis to the next; 0 repeats
 * @param first element of `from`
 * @returns the copy, of the same type
 */
function read<E extends Elements>(
  from: E,
  shape: readonly number[],
  strides: readonly number[],
  first = 0,
): E {
  const to = new (from.constructor as new (length: number) => E)(tf.util.sizeFromShape([...shape]));
  // Axes that lie one after the other in memory are one axis.
  const axes: { size: number; stride: number }[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const last = axes.at(-1), stride = strides[axis]!;
    if (last && last.stride === stride * size) {
      axes[axes.length - 1] = { size: last.size * size, stride };
    } else axes.push({ size, stride });
  });
  const inner = axes.pop() ?? { size: 1, stride: 1 };
  let at = 0;
  const row = (source: number) => {
    const { size, stride } = inner;
    if (stride === 1) to.set(from.subarray(source, source + size), at);
    else if (stride === 0) to.fill(from[source]!, at, at + size);
    else for (let i = 0; i < size; i++) to[at + i] = from[source + i * stride]!;
    at += size;
  };
  const walk = (axis: number, source: number): void => {
    if (axis === axes.length) return row(source);
    const { size, stride } = axes[axis]!;
    for (let i = 0; i < size; i++) walk(axis + 1, source + i * stride);
  };
  if (to.length > 0) walk(0, first);
  return to;
}
