import * as tf from "@tensorflow/tfjs";
import { storedInHalf, storesHalves } from "../ops/precision.ts";
import type { Work } from "../../core/contracts/work.ts";
import { sumWork } from "./work.ts";
import type { RegisteredOp } from "../ops/define/registered_op.ts";
import { type OpKernelConfig, replaceKernel } from "../ops/define/replace.ts";
import type { OutputShape } from "../ops/define/spec.ts";
import { arithmetic } from "./kernel_work.ts";
import { type HeldBytes, type MemoryModel, ShapeBackend } from "./shape_backend.ts";
import type { Attributes, KernelInputs } from "./shape_rule.ts";
import { TFJS_SHAPE_RULES } from "./tfjs_shape_rules.ts";

/** Kernels whose output is their input's data under another shape. */
const ALIASES: ReadonlySet<string> = new Set(["Identity", "Reshape", "ExpandDims"]);

/** A kernel while a trace runs. */
interface Traced {
  readonly name: string;
  /** What it belongs to; none for most of tfjs's kernels. */
  readonly op: RegisteredOp | undefined;
  shape(inputs: KernelInputs, attributes: object): OutputShape | readonly OutputShape[];
}

/** The estimated cost of a computation. */
export interface Trace<T> {
  /** What the computation gave back. */
  readonly result: T;
  /** Most bytes of tensors at once, as `tf.memory().numBytes` counts them: tensors that share elements each count. */
  readonly peakBytes: number;
  /** What the device holds at most, without the scratch memory of single kernels. */
  readonly held: HeldBytes;
  /** Floating-point operations and traffic, by kind. */
  readonly work: Work;
}

/** tfjs's own numbers: four bytes per element of any type, 15 calls together (`WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE`). */
const WEBGPU_MEMORY: Omit<MemoryModel, "precision"> = { leastBytes: 4, callsTogether: 15 };

/** Name of the backend while a trace runs. */
const SHAPES = "shapes";

/**
 * Runs a computation without computing: every tensor has its shape, its lifetime and its bytes, no elements. The code is the real
 * one, gradients and what frees their tensors included; only kernels are replaced, by rules for the shapes of what they give.
 * Branches that depend on values read back from tensors see zeros.
 *
 * @param run makes all its tensors itself, parameters included; reads from the backend give zeros
 * @returns its result, its peaks of bytes and the kernels' work, on the backend that is current
 * @throws {Error} naming a kernel that has no rule
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { installOps } from "seamstress/ops";
 * import { trace } from "seamstress/wsss";
 * installOps("cpu");
 * await tf.setBackend("cpu");
 * const { peakBytes, work } = await trace(() => tf.tidy(() => tf.matMul(tf.zeros([3, 5]), tf.zeros([5, 7])).size));
 * assertEquals(peakBytes, 4 * (3 * 5 + 5 * 7 + 3 * 7));
 * assertEquals(work["matrix product"]?.flops, 2 * 3 * 5 * 7);
 * ```
 */
export async function trace<T>(run: () => T | Promise<T>): Promise<Trace<T>> {
  const real = tf.getBackend();
  if (!real) {
    throw new Error("Cannot trace before a backend is prepared: it says which kernels run");
  }
  const meter = new Meter();
  const precision = storesHalves() ? "f16" : "f32";
  const backend = new ShapeBackend(
    real === "webgpu" ? { ...WEBGPU_MEMORY, precision } : undefined,
  );
  tf.registerBackend(SHAPES, () => backend);
  registerKernels(real, meter);
  const before = tf.memory().numBytes;
  try {
    await tf.setBackend(SHAPES);
    meter.begin = before;
    const result = await run();
    return { result, peakBytes: meter.peakBytes, held: backend.peak, work: meter.work };
  } finally {
    await tf.setBackend(real);
    tf.removeBackend(SHAPES);
    for (const { kernelName } of [...tf.getKernelsForBackend(SHAPES)]) {
      tf.unregisterKernel(kernelName, SHAPES);
    }
  }
}

/** Adds up what kernels do. */
class Meter {
  begin = 0;
  peakBytes = 0;
  work: Work = {};

  /** @param untracked bytes of outputs that the engine does not count yet */
  see(untracked: number): void {
    const bytes = tf.memory().numBytes - this.begin + untracked;
    this.peakBytes = Math.max(this.peakBytes, bytes);
  }

  add(
    { name, op }: Traced,
    inputs: KernelInputs,
    attributes: object,
    outputs: readonly tf.TensorInfo[],
  ) {
    const found = arithmetic(name, op, inputs, attributes, outputs[0]!);
    const bytes = movedBytes([...Object.values(inputs), ...outputs]);
    const amount = { flops: found?.flops ?? 0, bytes, calls: 1 };
    this.work = sumWork([[this.work, 1], [{ [found?.kind ?? "memory"]: amount }, 1]]);
  }
}

/** What a kernel reads and writes. */
function movedBytes(tensors: readonly tf.TensorInfo[]): number {
  return tensors.reduce(
    (sum, tensor) => sum + totalBytes([tensor]) / (storedInHalf(tensor) ? 2 : 1),
    0,
  );
}

/** Bytes of tensors as tfjs counts them: float16 counts as float32. */
function totalBytes(tensors: readonly tf.TensorInfo[]): number {
  return tensors.reduce(
    (sum, { shape, dtype }) => sum + tf.util.sizeFromShape(shape) * tf.util.bytesPerElement(dtype),
    0,
  );
}

/** Gives the shape backend every kernel that the real one has: an op that composes its result there does so here. */
function registerKernels(real: string, meter: Meter): void {
  for (const config of tf.getKernelsForBackend(real)) {
    const { kernelName: name, op, accepts } = config as OpKernelConfig;
    const rule = TFJS_SHAPE_RULES.get(name);
    const traced: Traced = {
      name,
      op,
      shape(inputs, attributes) {
        if (op) return op.shapeOf(inputs, attributes);
        if (rule) return rule(inputs, attributes as Attributes);
        throw new Error(`Cannot estimate: kernel ${name} has no shape rule`);
      },
    };
    const compute = real === "webgpu" && op?.overwrites ? runInPlace : run;
    replaceKernel(
      name,
      SHAPES,
      ({ inputs, attrs, backend }) =>
        compute(
          traced,
          inputs as unknown as KernelInputs,
          attrs as object,
          backend as ShapeBackend,
          meter,
        ),
      { ...op && { op }, ...accepts && { accepts } },
    );
  }
}

/** Temporary copies that a kernel needs where float16 and float32 mix: widened, narrowed, weights in float16. */
function storedOtherwise(
  { op }: Traced,
  inputs: KernelInputs,
  outputs: readonly tf.TensorInfo[],
  backend: ShapeBackend,
): tf.TensorInfo[] {
  if (backend.activations.precision !== "f16") return [];
  const half = ({ dataId }: tf.TensorInfo) => backend.storesHalf(dataId);
  const converted = (tensor: tf.TensorInfo) => {
    const other = backend.reserve(tensor.shape, tensor.dtype, !half(tensor));
    // A kernel of its own.
    backend.called([tensor, other]);
    return other;
  };
  if (!op?.readsHalves) {
    return [...Object.values(inputs) as tf.TensorInfo[], ...outputs].filter(half).map(converted);
  }
  const { filter } = inputs as { readonly filter?: tf.TensorInfo };
  const narrowed = filter !== undefined && filter.shape.at(-1)! % 4 === 0 && outputs.some(half);
  return narrowed ? [converted(filter)] : [];
}

/** Traces a kernel that overwrites its inputs, which keep their buffers. */
function runInPlace(
  traced: Traced,
  inputs: KernelInputs,
  attributes: object,
  backend: ShapeBackend,
  meter: Meter,
): tf.TensorInfo[] {
  const written = Object.entries(inputs).flatMap(([key, tensor]) =>
    traced.op!.overwrites!(key) ? [tensor] : []
  );
  for (const { dataId } of written) backend.incRef(dataId);
  backend.called(Object.values(inputs));
  meter.add(traced, inputs, attributes, written);
  meter.see(totalBytes(written));
  return written.map(({ dataId, shape, dtype }) => ({ dataId, shape, dtype }));
}

function run(
  traced: Traced,
  inputs: KernelInputs,
  attributes: object,
  backend: ShapeBackend,
  meter: Meter,
): tf.TensorInfo | tf.TensorInfo[] {
  const { name, op } = traced;
  const shaped = traced.shape(inputs, attributes);
  const [x] = Object.values(inputs) as tf.TensorInfo[];
  if (x && !Array.isArray(shaped)) {
    const { shape, dtype } = shaped as { shape: readonly number[]; dtype: tf.DataType };
    if (ALIASES.has(name) || name === "Cast" && dtype === x.dtype) {
      backend.incRef(x.dataId);
      meter.see(totalBytes([{ dataId: x.dataId, shape: [...shape], dtype }]));
      return { dataId: x.dataId, shape: [...shape], dtype };
    }
  }
  const list = [shaped].flat() as readonly { shape: readonly number[]; dtype: tf.DataType }[];
  const outputs = list.map(({ shape, dtype }) =>
    backend.reserve(shape, dtype, op?.givesHalf(inputs, attributes, shape))
  );
  const scratch = storedOtherwise(traced, inputs, outputs, backend);
  backend.called([...Object.values(inputs), ...outputs, ...scratch]);
  for (const { dataId } of scratch) backend.disposeData(dataId);
  meter.add(traced, inputs, attributes, outputs);
  meter.see(totalBytes(outputs));
  return Array.isArray(shaped) ? outputs : outputs[0]!;
}
