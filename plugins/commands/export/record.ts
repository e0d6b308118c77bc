import * as tf from "@tensorflow/tfjs";
import type { Backbone } from "../../../core/contracts/backbone.ts";
import { inference } from "../../../core/contracts/forward_context.ts";
import type { Head } from "../../../core/contracts/head.ts";
import { quietNodeBanner } from "../../backends/quiet.ts";
import { installOps } from "../../ops/install.ts";
import { trace } from "../../forecast/trace.ts";
import { Model } from "../../wsss/training/model.ts";
import { zeroParameters } from "../../wsss/training/parameters.ts";

/** What a value is made of. */
export type Source =
  /** The image, normalised. */
  | { readonly kind: "image" }
  /** A parameter, by its name. */
  | { readonly kind: "parameter"; readonly name: string }
  /** A number or an array that the code states. */
  | { readonly kind: "constant"; readonly values: readonly number[] }
  /** An output of a kernel. */
  | { readonly kind: "kernel"; readonly call: number; readonly output: number };

/** A tensor of the recorded computation. */
export interface Value {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly source: Source;
}

/** A kernel that was called. */
export interface Call {
  /** tfjs's name, such as `Conv2D`. */
  readonly kernel: string;
  /** Numbers of values, by the kernel's names; of a list, by position. */
  readonly inputs: Readonly<Record<string, number>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly outputs: readonly number[];
}

/** A network's inference as a list of kernels, for images of one size. */
export interface Recording {
  readonly values: readonly Value[];
  readonly calls: readonly Call[];
  /** Number of the value of each output of the head. */
  readonly outputs: Readonly<Record<string, number>>;
}

/**
 * Records what a network computes, without computing: its own code runs, on tensors that have a shape alone.
 *
 * @param network backbone and head
 * @param size of the image
 * @returns every kernel that its outputs need, in order
 * @throws {Error} where the network reads values back, or uses a kernel without a shape rule
 */
export async function recordNetwork(
  network: { readonly backbone: Backbone; readonly head: Head },
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Recording> {
  quietNodeBanner();
  // On this backend an operation of ours is composed of tfjs's own kernels, which have a meaning elsewhere too.
  await tf.setBackend("cpu");
  installOps("cpu");
  const recorder = new Recorder();
  await trace(() => {
    const params = zeroParameters(network);
    for (const { name } of [...network.backbone.params, ...network.head.params]) {
      recorder.name(params.get(name), { kind: "parameter", name });
    }
    const image = tf.zeros<tf.Rank.R4>([1, height, width, 3]);
    recorder.name(image, { kind: "image" });
    const model = new Model(network.backbone, network.head, params);
    recorder.record(() => model.forward(image, inference));
    params.dispose();
    image.dispose();
  });
  return recorder.recording();
}

class Recorder {
  readonly #values: Value[] = [];
  readonly #calls: Call[] = [];
  readonly #numbers = new Map<number, number>();
  readonly #written = new Map<number, readonly number[]>();
  #outputs: Readonly<Record<string, number>> = {};

  name({ id, shape, dtype }: tf.Tensor, source: Source): number {
    const number = this.#values.push({ shape: [...shape], dtype, source }) - 1;
    this.#numbers.set(id, number);
    return number;
  }

  /** Runs a network while every kernel that tfjs's engine is asked for is noted. */
  record(forward: () => Readonly<Record<string, tf.Tensor>>): void {
    const engine = tf.engine();
    const { runKernel, makeTensor } = engine;
    engine.makeTensor = (values, ...rest) => {
      const tensor = makeTensor.call(engine, values, ...rest);
      this.#written.set(tensor.id, Array.from(values as ArrayLike<number>, Number));
      return tensor;
    };
    engine.runKernel = (kernel, inputs, attributes) => {
      const result = runKernel.call(engine, kernel, inputs, attributes);
      const outputs = [result].flat() as tf.Tensor[];
      const call = this.#calls.length;
      this.#calls.push({
        kernel,
        inputs: Object.fromEntries(
          Object.entries(inputs).flatMap(([name, tensor]) =>
            tensor ? [[name, this.#find(tensor as tf.Tensor)]] : []
          ),
        ),
        attributes: { ...attributes },
        outputs: outputs.map((tensor, output) =>
          this.name(tensor, { kind: "kernel", call, output })
        ),
      });
      // The engine's own type says that one tensor or several come back, as the caller expects.
      return result as never;
    };
    try {
      tf.tidy(() => {
        this.#outputs = Object.fromEntries(
          Object.entries(forward()).map(([name, tensor]) => [name, this.#find(tensor)]),
        );
      });
    } finally {
      engine.runKernel = runKernel;
      engine.makeTensor = makeTensor;
    }
  }

  #find(tensor: tf.Tensor): number {
    const known = this.#numbers.get(tensor.id);
    if (known !== undefined) return known;
    const values = this.#written.get(tensor.id);
    if (values === undefined) {
      throw new Error(`Cannot record the network: a tensor ${tensor.shape} comes from elsewhere`);
    }
    return this.name(tensor, { kind: "constant", values });
  }

  /** Without calls that no output needs. */
  recording(): Recording {
    const needed = new Set<number>();
    const need = (value: number) => {
      const { source } = this.#values[value]!;
      if (source.kind !== "kernel" || needed.has(source.call)) return;
      needed.add(source.call);
      Object.values(this.#calls[source.call]!.inputs).forEach(need);
    };
    Object.values(this.#outputs).forEach(need);
    const calls = this.#calls.filter((_, i) => needed.has(i));
    return { values: this.#values, calls, outputs: this.#outputs };
  }
}
