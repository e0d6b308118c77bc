import type * as tf from "@tensorflow/tfjs";
import type { Wasm } from "../wasm/heap.ts";
import type { WebGpuBackend } from "../webgpu/backend.ts";
import { KernelContext } from "./kernel_context.ts";
import type { Layouts, Named } from "./layout.ts";
import { registeredKernel, replaceKernel } from "./replace.ts";
import type { AttributesType } from "./spec.ts";

/** Backends by name. */
interface Backends {
  readonly webgpu: WebGpuBackend;
  readonly wasm: Wasm;
  readonly cpu: tf.KernelBackend;
}

/** A replacement of one of tfjs's kernels. */
export interface KernelFix<I extends Layouts, A extends object, B extends keyof Backends> {
  /** tfjs's name of the kernel. */
  readonly kernel: string;
  /** The backend whose kernel is wrong or missing. */
  readonly backend: B;
  /** Its inputs, by name. */
  readonly inputs: I;
  /** The attributes that are read. */
  readonly attributes?: AttributesType<A>;
  /** Computes it, or calls tfjs's kernel by `context.stock()`. */
  run(
    inputs: Named<I, "tensor">,
    attributes: A,
    context: KernelContext<Backends[B]>,
  ): tf.TensorInfo;
}

/**
 * Replaces a wrong or slow kernel of tfjs, or adds a missing one. For this project's own operations use `defineOp` instead.
 *
 * @param fix the kernel and its backend
 */
export function fixKernel<
  const I extends Layouts,
  const B extends keyof Backends,
  A extends object = Record<never, never>,
>({ kernel, backend, run }: KernelFix<I, A, B>): void {
  const stock = registeredKernel(kernel, backend)?.kernelFunc;
  replaceKernel(kernel, backend, (call) =>
    run(
      // tfjs types inputs and attributes as anything; the fix declares them.
      call.inputs as Named<I, "tensor">,
      call.attrs as unknown as A,
      new KernelContext(call, stock, () => false),
    ));
}
