import * as tf from "@tensorflow/tfjs";
import { setBackward } from "../precision.ts";

/** What tfjs records of one kernel call. */
interface TapeNode {
  /** All inputs on the tape; in the backward pass only those on a path to a tensor whose gradient is requested. */
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly outputs: readonly tf.Tensor[];
  /** Tensors saved for `gradient` only. */
  readonly saved?: readonly tf.Tensor[];
  gradient?: (dys: readonly (tf.Tensor | null)[]) => Record<string, () => tf.Tensor>;
}

/**
 * tfjs keeps every tensor of a backward pass until the whole pass is finished: the saved activations, the gradient of every
 * intermediate result, the intermediate tensors of custom gradients, and both operands of every gradient sum. That more than
 * doubles the memory of a training step, though each of them is used once, by the kernel that it belongs to. To see it:
 * `tf.memory().numDataBuffers` within the gradient of the first of thirty sines. This frees the tensors of a kernel as soon as the
 * backward pass reaches the next kernel.
 *
 * It also allows nested backward passes, which a kernel's gradient may run: tfjs loses the tape of the outer pass when an inner one
 * ends. To see it: a custom gradient that calls `tf.grad` throws "Cannot read properties of null".
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
      // For higher-order gradients the backward pass is itself recorded and may be differentiated, so nothing is freed.
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

/** Counts the remaining uses of each gradient tensor: a kernel may pass its gradient on unchanged to one or more others. */
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
 * Makes the gradient of every kernel on a tape free the tensors that the previous one in the backward pass has used.
 *
 * @param tape of the forward pass
 * @param kept tensors whose gradients are requested, and tensors that the caller owns
 */
function freeWhenPassed(tape: readonly TapeNode[], kept: ReadonlySet<tf.Tensor>): void {
  const claims = new Claims();
  // Ids of tensors that have received a gradient from at least one kernel; further gradients are added to it.
  const arrived = new Set<number>();
  let used: readonly tf.Tensor[] = [];
  // The gradient that tfjs adds to an earlier one; tfjs no longer needs it when it requests the next gradient.
  let added: tf.Tensor | undefined;
  const add = (dx: tf.Tensor | undefined) => {
    if (added !== undefined) claims.release(added);
    added = dx;
  };
  for (const node of tape) {
    const { gradient, saved = [], outputs } = node;
    if (gradient === undefined) continue;
    // tfjs calls this on a copy of the node whose inputs are filtered to those that need a gradient.
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
