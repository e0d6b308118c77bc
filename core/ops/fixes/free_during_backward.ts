import * as tf from "@tensorflow/tfjs";

/** What tfjs records of one kernel call. */
interface TapeNode {
  readonly outputs: readonly tf.Tensor[];
  /** Held for `gradient` alone. */
  readonly saved?: readonly tf.Tensor[];
  gradient?: (dys: readonly (tf.Tensor | null)[]) => Record<string, () => tf.Tensor>;
}

/**
 * tfjs keeps all that a backward pass goes through, the saved activations and the gradient of every intermediate result, until it has
 * arrived at the parameters: twice the memory of a training step. Both are used once, by the kernel that they belong to. To see it:
 * `tf.memory().numDataBuffers` within the gradient of the first of thirty sines. This frees a kernel's when the pass has come to the
 * next.
 */
export function installFreeDuringBackward(): void {
  const engine = tf.engine();
  const gradients = engine.gradients.bind(engine);
  engine.gradients = (f, xs, dy, allowNoGradients) =>
    gradients(
      () => {
        const y = f();
        const { activeTape, gradientDepth } = engine.state;
        // A gradient within a gradient records its own backward pass, which may be gone through again.
        if (gradientDepth === 1) {
          const kept = new Set(dy === undefined ? xs : [...xs, dy]);
          freeWhenPassed(activeTape as unknown as readonly TapeNode[], kept);
        }
        return y;
      },
      xs,
      dy,
      allowNoGradients,
    );
}

/**
 * Makes every kernel of a tape free what the one before it, on the way back, has used.
 *
 * @param tape of the forward pass
 * @param kept tensors whose gradients are asked for, and what the caller owns
 */
function freeWhenPassed(tape: readonly TapeNode[], kept: ReadonlySet<tf.Tensor>): void {
  // By tensor id, kernels that are still to use it: a gradient may be handed on as it is, to one kernel or to more.
  const claims = new Map<number, number>();
  const claim = ({ id }: tf.Tensor) => claims.set(id, (claims.get(id) ?? 0) + 1);
  const release = (tensor: tf.Tensor) => {
    const left = (claims.get(tensor.id) ?? 1) - 1;
    claims.set(tensor.id, left);
    if (left === 0) tensor.dispose();
  };
  let used: readonly tf.Tensor[] = [];
  for (const node of tape) {
    const { gradient, saved = [], outputs } = node;
    if (gradient === undefined) continue;
    node.gradient = (dys) => {
      used.forEach(release);
      const own = dys.filter((dy, i) => dy !== null && !kept.has(dy) && !kept.has(outputs[i]!));
      used = [...own as tf.Tensor[], ...saved];
      for (const tensor of used) if (!claims.has(tensor.id)) claim(tensor);
      const towards = Object.entries(gradient(dys)).map(([input, compute]) => [input, () => {
        const dx = compute();
        claim(dx);
        return dx;
      }]);
      return Object.fromEntries(towards);
    };
  }
}
