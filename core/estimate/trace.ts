import * as tf from "@tensorflow/tfjs";
import { composeConvInputGradient } from "../../plugins/ops/conv/input_gradient.ts";
import { givesHalf, READS_HALVES } from "../../plugins/ops/half_outputs.ts";
import {
  CONV_INPUT_GRADIENT,
  type ConvGradientAttributes,
  SGD_UPDATE,
} from "../../plugins/ops/own_kernels.ts";
import { storedInHalf, storesHalves } from "../contracts/storage.ts";
import { arithmetic } from "./kernel_work.ts";
import { type HeldBytes, type MemoryModel, ShapeBackend } from "./shape_backend.ts";
import type { KernelInputs, ShapeRule } from "./shape_rule.ts";
import { ALIASES, SHAPE_RULES } from "./shape_rules.ts";
import { sumWork, type Work } from "./work.ts";

/** What a computation would take. */
export interface Trace<T> {
  readonly result: T;
  /** Most bytes of tensors at once, as `tf.memory().numBytes` counts them: tensors that share elements each count. */
  readonly peakBytes: number;
  /** What the device holds at most, without the scratch memory of single kernels. */
  readonly held: HeldBytes;
  readonly work: Work;
}

/** tfjs's own numbers: four bytes an element of any type, 15 calls together (`WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE`). */
const WEBGPU_MEMORY: Omit<MemoryModel, "precision"> = { leastBytes: 4, callsTogether: 15 };

/** Name of the backend while a trace runs. */
const SHAPES = "shapes";

/**
 * Runs a computation without computing: every tensor has its shape, its lifetime and its bytes, no elements. The code is the real one,
 * gradients and what frees their tensors included; only kernels are replaced, by rules for the shapes of what they give. Branches that
 * depend on values read back from tensors see zeros.
 *
 * @param run makes all its tensors itself, parameters included; reads from the backend give zeros
 * @returns its result, its peaks of bytes and the kernels' work, on the backend that is current
 * @throws {Error} naming a kernel that has no rule
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { trace } from "./trace.ts";
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

  add(name: string, inputs: KernelInputs, attributes: unknown, outputs: readonly tf.TensorInfo[]) {
    const found = arithmetic(name, inputs, attributes, outputs[0]!);
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

/** As tfjs counts them: a half, too, is a float32. */
function totalBytes(tensors: readonly tf.TensorInfo[]): number {
  return tensors.reduce(
    (sum, { shape, dtype }) => sum + tf.util.sizeFromShape(shape) * tf.util.bytesPerElement(dtype),
    0,
  );
}

/** Whether the gradient is made of other kernels, which need memory: see plugins/ops/conv/install_wasm_gradients.ts. */
function composedOnWasm({ taps, stride }: ConvGradientAttributes["geometry"]): boolean {
  return (taps[0] > 1 || taps[1] > 1) && stride[0] === 1 && stride[1] === 1;
}

/** Gives the shape backend every kernel that the real one has: an op that composes its result there does so here. */
function registerKernels(real: string, meter: Meter): void {
  for (const { kernelName } of tf.getKernelsForBackend(real)) {
    const rule = SHAPE_RULES.get(kernelName);
    // An op that does not find our kernel composes its result, which needs a little more.
    const known = rule !== undefined || kernelName === SGD_UPDATE;
    if (!known && kernelName.startsWith("Seamstress")) continue;
    tf.registerKernel({
      kernelName,
      backendName: SHAPES,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const given = inputs as unknown as KernelInputs;
        if (kernelName === CONV_INPUT_GRADIENT && real === "wasm") {
          const { geometry } = attrs as unknown as ConvGradientAttributes;
          if (composedOnWasm(geometry)) {
            const { dy, filter } = inputs as unknown as { dy: tf.Tensor4D; filter: tf.Tensor4D };
            return composeConvInputGradient(dy, filter, geometry);
          }
        }
        if (kernelName === SGD_UPDATE) {
          return runInPlace(kernelName, given, attrs, backend as ShapeBackend, meter);
        }
        if (!rule) throw new Error(`Cannot estimate: kernel ${kernelName} has no shape rule`);
        return run(kernelName, rule, given, attrs, backend as ShapeBackend, meter);
      },
    });
  }
}

/** What is made beside a kernel's output where halves meet floats: what is widened, what is narrowed, weights in half. */
function storedOtherwise(
  name: string,
  inputs: KernelInputs,
  outputs: readonly tf.TensorInfo[],
  backend: ShapeBackend,
): tf.TensorInfo[] {
  if (backend.precision !== "f16") return [];
  const half = ({ dataId }: tf.TensorInfo) => backend.storesHalf(dataId);
  const converted = (tensor: tf.TensorInfo) => {
    const other = backend.reserve(tensor.shape, tensor.dtype, !half(tensor));
    // A kernel of its own.
    backend.called([tensor, other]);
    return other;
  };
  if (!READS_HALVES.has(name)) {
    return [...Object.values(inputs) as tf.TensorInfo[], ...outputs].filter(half).map(converted);
  }
  const { filter } = inputs as { readonly filter?: tf.TensorInfo };
  const narrowed = filter !== undefined && filter.shape.at(-1)! % 4 === 0 && outputs.some(half);
  return narrowed ? [converted(filter)] : [];
}

/** Parameters and their momenta keep their buffers; see plugins/ops/sgd_update/sgd_update.wgsl.ts. */
function runInPlace(
  name: string,
  inputs: KernelInputs,
  attributes: unknown,
  backend: ShapeBackend,
  meter: Meter,
): tf.TensorInfo[] {
  const written = Object.entries(inputs).flatMap(([key, tensor]) =>
    /^[wm]/.test(key) ? [tensor] : []
  );
  for (const { dataId } of written) backend.incRef(dataId);
  backend.called(Object.values(inputs));
  meter.add(name, inputs, attributes, written);
  meter.see(totalBytes(written));
  return written.map(({ dataId, shape, dtype }) => ({ dataId, shape, dtype }));
}

function run(
  name: string,
  rule: ShapeRule,
  inputs: KernelInputs,
  attributes: unknown,
  backend: ShapeBackend,
  meter: Meter,
): tf.TensorInfo | tf.TensorInfo[] {
  const shaped = rule(inputs, attributes as Parameters<ShapeRule>[1]);
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
    backend.reserve(shape, dtype, givesHalf(name, inputs, attributes, shape))
  );
  const scratch = storedOtherwise(name, inputs, outputs, backend);
  backend.called([...Object.values(inputs), ...outputs, ...scratch]);
  for (const { dataId } of scratch) backend.disposeData(dataId);
  meter.add(name, inputs, attributes, outputs);
  meter.see(totalBytes(outputs));
  return Array.isArray(shaped) ? outputs : outputs[0]!;
}
