import * as tf from "@tensorflow/tfjs";
import { registeredKernel, storedInHalf } from "seamstress/ops";
import { arithmetic, type KernelInputs } from "seamstress/wsss";
import type { KernelCall } from "./recording.ts";
import type { Around } from "./wrap_kernels.ts";

/** A kernel call in progress. */
interface Frame {
  readonly name: string;
  /** Total time of the kernels that it called so far. */
  milliseconds: number;
  flops: number;
  bytes: number;
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
const bytesOf = (tensor: tf.TensorInfo) => {
  const { shape, dtype } = tensor;
  const floats = storedInHalf(tensor) ? 2 : 4;
  return sizeOf(shape) * (dtype === "complex64" ? 8 : dtype === "bool" ? 1 : floats);
};
const shapesOf = (tensors: readonly tf.TensorInfo[]) =>
  tensors.map(({ shape }) => shape.length === 0 ? "scalar" : shape.join("x")).join(", ");

/** Records kernel calls: their times, and their FLOPs and bytes, computed from shapes. */
export class CallRecorder {
  /** Ordered by end time. */
  readonly calls: KernelCall[] = [];
  readonly #stack: Frame[] = [];

  /** The kernel that is being called; undefined between kernels. */
  get current(): string | undefined {
    return this.#stack.at(-1)?.name;
  }

  /** Records one call; see {@linkcode Around}. */
  readonly around: Around = (name, { inputs, attrs }, run) => {
    const frame: Frame = { name, milliseconds: 0, flops: 0, bytes: 0 };
    this.#stack.push(frame);
    const begin = performance.now();
    try {
      const result = run();
      const end = performance.now();
      const outputs = Array.isArray(result) ? result : [result];
      this.#record(frame, begin, end, inputs as unknown as KernelInputs, attrs, outputs);
      return result;
    } finally {
      this.#stack.pop();
    }
  };

  #record(
    frame: Frame,
    begin: number,
    end: number,
    inputs: KernelInputs,
    attributes: unknown,
    outputs: readonly tf.TensorInfo[],
  ): void {
    const { name } = frame, op = registeredKernel(name, tf.getBackend())?.op;
    // An optional input, such as a bias, may be null or undefined.
    const read = (Object.values(inputs) as (tf.TensorInfo | null | undefined)[])
      .filter((input) => input !== null && input !== undefined);
    const counted = arithmetic(name, op, inputs, attributes as object, outputs[0]!)?.flops ?? 0;
    const flops = Math.max(counted, frame.flops);
    // A reshape shares its input's data and moves no bytes.
    const alias = outputs.every(({ dataId }) => read.some((input) => input.dataId === dataId));
    const moved = alias ? [] : [...read, ...outputs];
    const bytes = Math.max(moved.reduce((sum, tensor) => sum + bytesOf(tensor), 0), frame.bytes);
    this.calls.push({
      name,
      begin,
      end,
      own: end - begin - frame.milliseconds,
      flops: flops - frame.flops,
      bytes: bytes - frame.bytes,
      shapes: `${shapesOf(read)} → ${shapesOf(outputs)}`,
    });
    const caller = this.#stack.at(-2);
    if (!caller) return;
    caller.milliseconds += end - begin;
    caller.flops += flops;
    caller.bytes += bytes;
  }
}
