import * as tf from "@tensorflow/tfjs";
import type { BackendInfo } from "../contracts/backend.ts";
import { type Group, SINGLE } from "../contracts/group.ts";
import { type EnterPhase, unobserved } from "./phases.ts";
import type { StepGradients } from "./step.ts";

/** Which micro-batches of a step this rank computed. */
export interface Part {
  /** All of the step. */
  readonly micros: number;
  /** The first of this rank's, from 0. */
  readonly first: number;
  /** Losses of each. */
  readonly losses: number;
}

type Named = readonly (readonly [name: string, tensor: tf.Tensor])[];

/** Adds up what the ranks of a training computed, step by step. */
export class RankSums {
  /** Names and shapes that all ranks had in common when they last compared them. */
  #agreed: string | undefined;

  /** What is added up. Kept where tensors hold none of it: to get as much memory anew takes longer than the sum. */
  #flat: Float32Array<ArrayBuffer> = new Float32Array();

  /** Of these ranks. @param enterPhase told of `wait`, until all have computed their part, and of `sum` @param view the backend's */
  constructor(
    readonly group: Group = SINGLE,
    readonly enterPhase: EnterPhase = unobserved,
    readonly view?: BackendInfo["view"],
  ) {}

  /**
   * Adds up the gradients of all ranks, what method and losses handed on likewise, and collects their losses, so that each goes on with
   * the same numbers. Waits for all.
   *
   * @param own gradients and losses of this rank's micro-batches; disposed
   * @param part which these are
   * @returns of the whole batch; the losses of all micro-batches in order
   * @throws {Error} where the ranks have gradients of different parameters, or hand on values of different names or shapes
   */
  async add(own: StepGradients, { micros, first, losses }: Part): Promise<StepGradients> {
    if (this.group.size === 1) return own;
    using phase = this.enterPhase("wait");
    const [gathered, gradients] = [sorted(own.gathered ?? {}), sorted(own.gradients)];
    await this.#compare([...described("gathered", gathered), ...described("gradient", gradients)]);
    phase.next("sum");
    // The losses first, each at its place: a sum with zeros is exact.
    let at = micros * losses;
    const exact = at + sizeOf(gathered), length = exact + sizeOf(gradients), { view } = this;
    if (!view || this.#flat.length !== length) this.#flat = new Float32Array(length);
    const flat = this.#flat.fill(0, 0, at);
    const take = async (tensor: tf.Tensor, at: number) => {
      flat.set(view?.(tensor) ?? await tensor.data<"float32">(), at);
      // One by one: a network's parameters are large.
      tensor.dispose();
      return at + tensor.size;
    };
    for (const [i, value] of own.values.entries()) await take(value, (first + i) * losses);
    for (const [, tensor] of [...gathered, ...gradients]) at = await take(tensor, at);
    await this.group.sum(flat, exact);
    at = 0;
    const next = <S extends tf.Rank>(shape: tf.ShapeMap[S]) =>
      tf.tensor<S>(flat.subarray(at, at += tf.util.sizeFromShape([...shape])), shape, "float32");
    const values = Array.from({ length: micros }, () => next<tf.Rank.R1>([losses]));
    const summed = (tensors: Named) =>
      Object.fromEntries(tensors.map(([name, { shape }]) => [name, next(shape)]));
    return { values, gathered: summed(gathered), gradients: summed(gradients) };
  }

  /** Each rank learns whether one has other names than before; only then do they exchange them. */
  async #compare(names: readonly string[]): Promise<void> {
    const own = names.join("\n");
    if (!(await this.group.gather(own !== this.#agreed)).includes(true)) return;
    const all = await this.group.gather(names);
    for (const [rank, found] of all.entries()) {
      const odd = [...found, ...all[0]!].find((name) =>
        found.includes(name) !== all[0]!.includes(name)
      );
      if (odd === undefined) continue;
      throw new Error(
        `Cannot add up over ranks: of rank 0 and rank ${rank} one alone has ${odd}; what a method or loss gathers ` +
          "must not depend on the samples of a micro-batch",
      );
    }
    this.#agreed = own;
  }
}

function sorted(tensors: Readonly<Record<string, tf.Tensor>>): Named {
  return Object.entries(tensors).sort(([a], [b]) => a < b ? -1 : 1);
}

function described(kind: string, tensors: Named): string[] {
  return tensors.map(([name, { shape }]) => `${kind} ${name} [${shape}]`);
}

function sizeOf(tensors: Named): number {
  return tensors.reduce((sum, [, { size }]) => sum + size, 0);
}
