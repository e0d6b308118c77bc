import { type BackendInfo, type Chosen, formatBytes, type Memory, userError } from "seamstress";
import type { HeldBytes, TrainingOptions as Options } from "seamstress/wsss";
import { type Network, statisticsOf } from "./statistics.ts";

/** The option that may be left to the device. */
const PATH = "batch.micro";

/**
 * The micro-batch of a training.
 *
 * @param settings of the training
 * @param chosen what was chosen where the settings leave it to the device
 * @returns samples on the device at a time
 * @throws {Error} where it was left to the device and not chosen
 */
export function microOf({ batch }: Pick<Options, "batch">, chosen: Chosen | undefined): number {
  const { size, micro = size } = batch;
  if (micro !== "auto") return micro;
  const found = chosen?.[PATH];
  if (found === undefined) throw new Error("batch.micro is auto, and was not chosen before");
  return found;
}

/**
 * Counts the sums of gradients that a step holds while it computes a micro-batch: one of each power of two that the number of those
 * before it is made of.
 *
 * @param micros micro-batches of a step
 * @returns the most at a time
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { heldSums } from "./micro.ts";
 * assertEquals([1, 2, 3, 4, 8, 10].map(heldSums), [0, 1, 1, 2, 3, 3]);
 * ```
 */
export function heldSums(micros: number): number {
  return Math.floor(Math.log2(micros));
}

/** What {@linkcode chooseMicro} knows of a training. */
export interface MicroChoice {
  /** The stage. */
  readonly id: string;
  readonly settings: Pick<Options, "batch" | "recompute">;
  readonly network: Network;
  readonly backend: Pick<BackendInfo, "name" | "memory">;
  /** What the device would hold in a step of a batch in micro-batches. */
  held(size: number, micro: number): Promise<HeldBytes>;
  /** Bytes of the gradients of all parameters that train. */
  readonly gradientBytes: number;
}

/**
 * Chooses the largest micro-batch whose step is foreseen to fit the device's memory.
 *
 * @param choice the training
 * @returns nothing where the recipe gives the micro-batch
 * @throws {RangeError} where even the smallest does not fit
 */
export async function chooseMicro(choice: MicroChoice): Promise<Chosen> {
  const { settings: { batch: { size, micro } }, network, backend: { memory } } = choice;
  if (micro !== "auto") return {};
  const fixed = statisticsOf(network, size);
  if (memory === undefined) return { [PATH]: fixed ?? size };
  const bytes = async (micro: number) =>
    // Two micro-batches show what a step of more holds: a sum of gradients, and another part of it; then come further sums.
    (await choice.held(Math.min(size, 2 * micro), micro))[memory.counts] +
    Math.max(0, heldSums(Math.ceil(size / micro)) - 1) * choice.gradientBytes;
  const least = fixed ?? 1;
  const most = fixed ?? size;
  if (await bytes(most) <= memory.bytes) return { [PATH]: most };
  const needed = await bytes(least);
  let below = least;
  // Fewer micro-batches hold fewer sums, which may be more than what larger ones hold besides.
  while (below < most && await bytes(below) > memory.bytes) below *= 2;
  if (below >= most) throw doesNotFit(choice, memory, least, needed);
  // Fits below, does not from above on.
  let above = most;
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (await bytes(middle) <= memory.bytes) below = middle;
    else above = middle;
  }
  return { [PATH]: below };
}

function doesNotFit(
  { id, settings, backend }: MicroChoice,
  memory: Memory,
  micro: number,
  needed: number,
): Error {
  const ways = [
    ...settings.recompute === undefined ? ["set recompute: blocks"] : [],
    "lower the crop size in transforms",
    ...backend.name === "webgpu"
      ? ["set backend.memory to what the card has"]
      : ["use a backend with more memory (backend: webgpu)"],
  ];
  return userError(
    new RangeError(
      `Cannot plan stage ${id}: a step of micro-batch ${micro} would hold ${
        formatBytes(needed)
      }, backend ${backend.name} offers ${formatBytes(memory.bytes)} (${memory.from}); ${
        ways.join(", or ")
      }`,
    ),
  );
}
