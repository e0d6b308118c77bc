import * as tf from "@tensorflow/tfjs";
import { messageOf, userError } from "../errors.ts";

/** A kernel that ran, as tfjs's engine notes it for the backward pass. */
interface TapeNode {
  readonly kernelName: string;
  /** Absent where the kernel has no gradient. */
  readonly gradient?: unknown;
}

/** Knows which part of a step ran which kernels, to name the part where one has no gradient. */
export class TapeParts {
  readonly #parts: { readonly name: string; readonly nodes: readonly TapeNode[] }[] = [];
  #seen = 0;

  /** Ends a part, whose kernels are those that have run since the last. @param name for messages */
  end(name: string): void {
    // Typed by tfjs as private to it.
    const { activeTape } = (tf.engine() as unknown as {
      readonly state: { readonly activeTape?: readonly TapeNode[] };
    }).state;
    const nodes = activeTape?.slice(this.#seen) ?? [];
    this.#seen += nodes.length;
    this.#parts.push({ name, nodes });
  }

  /**
   * Runs a forward and a backward pass.
   *
   * @param compute ends the parts
   * @throws {TypeError} naming part and kernel where tfjs has no gradient of it
   */
  naming<T>(compute: () => T): T {
    try {
      return compute();
    } catch (error) {
      const kernel = /gradient function not found for (\w+)/.exec(messageOf(error))?.[1];
      if (kernel === undefined) throw error;
      const found = this.#parts.filter(({ nodes }) =>
        nodes.some(({ kernelName, gradient }) => kernelName === kernel && !gradient)
      );
      const who = found.map(({ name }) => name).join(" and ") || "a part of the step";
      throw userError(
        new TypeError(
          `Cannot differentiate ${who}: tfjs has no gradient of ${kernel}; what needs none is computed within ` +
            "withoutGradient() of seamstress/ops, and tf.customGrad() gives one to what does",
          { cause: error },
        ),
      );
    }
  }
}
