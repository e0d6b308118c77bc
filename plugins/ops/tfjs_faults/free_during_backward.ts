import * as tf from "@tensorflow/tfjs";
import { setBackward } from "../precision.ts";

/** What tfjs records of one kernel call. */
interface TapeNode {
  /** All of them on the tape; on the way back only those that lead to what a gradient is asked for. */
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly outputs: readonly tf.Tensor[];
  /** Held for `gradient` alone. */
  readonly saved?: readonly tf.Tensor[];
  gradient?: (dys: readonly (tf.Tensor | null)[]) => Record<string, () => tf.Tensor>;
}

/**
 * tfjs keeps all that a backward pass goes through until it has arrived at the parameters: the saved activations, the gradient of
 * every intermediate result, what a custom gradient computes on its way, and each of two gradients that were added. That is more than
 * twice the memory of a training step. All of it is used once, by the kernel that it belongs to. To see it:
 * `tf.memory().numDataBuffers` within the gradient of the first of thirty sines. This frees a kernel's when the pass has come to the
 * next.
 *
 * It also lets the gradient of a kernel be a backward pass of its own: tfjs forgets the tape of the pass under way when another one
 * ends within it. To see it: a custom gradient that calls `tf.grad` throws "Cannot read properties of null".
 */
export function installFreeDuringBackward(): void {
  const engine = tf.engine();
  const gradients = engine.gradients.bind(engine);
  engine.gradients = (f, xs, dy, allowNoGradients) => {
    const { state } = engine;
    const around = state.gradientDepth === 0 ? state.activeTape : undefined;
    const wasBackward = setBackward(false);
    const forward = () => {
      const y = f();
      // A gradient within a gradient records its own backward pass, which may be gone through again.
      if (state.gradientDepth === 1) {
        const kept = new Set(dy === undefined ? xs : [...xs, dy]);
        freeWhenPassed(state.activeTape as unknown as readonly TapeNode[], kept);
      }
      setBackward(true);
      return y;
    };
    try {
      return gradients(forward, xs, dy, allowNoGradients);
    } finally {
      setBackward(wasBackward);
      if (around !== undefined) state.activeTape = around;
    }
  };
}

/** Who is still to use a gradient: it may be handed on as it is, to one kernel or to more. */
class Claims {
  readonly #counts = new Map<number, number>();

  has({ id }: tf.Tensor): boolean {
    return this.#counts.has(id);
  }

  add({ id }: tf.Tensor): void {
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
  }

  /** Frees the tensor where this was the last claim. */
  release(tensor: tf.Tensor): void {
    const left = (this.#counts.get(tensor.id) ?? 1) - 1;
    this.#counts.set(tensor.id, left);
    if (left === 0) tensor.dispose();
  }
}

/**
 * Makes every kernel of a tape free what the one before it, on the way back, has used.
 *
 * @param tape of the forward pass
 * @param kept tensors whose gradients are asked for, and what the caller owns
 */
function freeWhenPassed(tape: readonly TapeNode[], kept: ReadonlySet<tf.Tensor>): void {
  const claims = new Claims();
  // Ids of tensors whose gradient has come from one kernel at least: what comes from another is added to it.
  const arrived = new Set<number>();
  let used: readonly tf.Tensor[] = [];
  // What tfjs adds to a gradient that arrived before is done with when it asks for the next.
  let added: tf.Tensor | undefined;
  const add = (dx: tf.Tensor | undefined) => {
    if (added !== undefined) claims.release(added);
    added = dx;
  };
  for (const node of tape) {
    const { gradient, saved = [], outputs } = node;
    if (gradient === undefined) continue;
    // tfjs calls it on a copy of the node, whose inputs are those that matter.
    node.gradient = function (this: TapeNode, dys) {
      add(undefined);
      used.forEach((tensor) => claims.release(tensor));
      const own = dys.filter((dy, i) => dy !== null && !kept.has(dy) && !kept.has(outputs[i]!));
      used = [...own as tf.Tensor[], ...saved];
      for (const tensor of used) if (!claims.has(tensor)) claims.add(tensor);
      const inputs = Object.entries(this.inputs);
      const towards = tf.tidy(() => {
        const compute = gradient(dys);
        return inputs.map(([name]) => compute[name] && tf.tidy(compute[name]));
      });
      return Object.fromEntries(inputs.flatMap(([name, { id }], i) => {
        const dx = towards[i];
        // tfjs reports an input without a gradient.
        if (dx === undefined) return [];
        claims.add(dx);
        const adds = arrived.has(id) && !kept.has(dx);
        arrived.add(id);
        return [[name, () => {
          add(adds ? dx : undefined);
          return dx;
        }]];
      }));
    };
  }
}
