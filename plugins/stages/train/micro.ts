import { type BackendInfo, type Chosen, formatBytes, type Memory, userError } from "seamstress";
import type { HeldBytes, MachineMemory, TrainingOptions as Options } from "seamstress/wsss";
import { allowedRanks, evenRanks } from "./shares.ts";
import { type Parts, statisticsOf } from "./statistics.ts";

/** The option that may be left to the device. */
const PATH = "batch.micro";

/**
 * The micro-batch of a training.
 *
 * @param settings of the training
 * @param chosen what was chosen where the settings leave it open
 * @returns samples on the device at a time
 * @throws {Error} where it was left to the device and not chosen
 */
export function microOf({ batch }: Pick<Options, "batch">, chosen: Chosen | undefined): number {
  const { size, micro } = batch;
  if (typeof micro === "number") return micro;
  const found = chosen?.[PATH];
  if (found !== undefined) return found;
  if (micro === undefined) return size;
  throw new Error("batch.micro is auto, and was not chosen before");
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
  readonly parts: Parts;
  readonly backend: Pick<BackendInfo, "name" | "memory">;
  /** Ranks that there are; one unless given. */
  readonly ranks?: number;
  /** How many of them share this machine's memory; all unless given. */
  readonly localRanks?: number | undefined;
  /** This machine's, where it is known. */
  readonly machine?: MachineMemory | undefined;
  /** Whether a loss depends on the micro-batch: ranks do not divide it then. */
  readonly overBatch?: boolean;
  /** What the device would hold in a step of a batch in micro-batches. */
  held(size: number, micro: number): Promise<HeldBytes>;
  /** Bytes of the gradients of all parameters that train. */
  readonly gradientBytes: number;
}

/**
 * Chooses a training's micro-batch where the recipe leaves it open: as many samples as each of the ranks has of a batch, or, where it is
 * left to the device, the most whose step is foreseen to fit its memory.
 *
 * @param choice the training
 * @returns nothing where the recipe gives the micro-batch
 * @throws {RangeError} where even the smallest does not fit
 */
export async function chooseMicro(choice: MicroChoice): Promise<Chosen> {
  const { settings: { batch: { size, micro } }, parts } = choice;
  const memory = memoryOf(choice);
  if (typeof micro === "number") return {};
  const fixed = statisticsOf(parts, size);
  const divides = fixed === undefined && !choice.overBatch;
  const ranks = divides ? evenRanks(size, choice.ranks ?? 1) : 1;
  const share = size / ranks;
  // Without "auto", a batch norm that trains takes its statistics over the whole batch.
  if (micro === undefined) return { [PATH]: share };
  const sizes = fixed === undefined ? microBatchSizes(size, ranks) : [fixed];
  const most = sizes.at(-1)!;
  if (memory === undefined) return { [PATH]: most };
  const fits = async (micro: number) => await bytesOf(choice, memory, share, micro) <= memory.bytes;
  if (await fits(most)) return { [PATH]: most };
  // Fewer micro-batches hold fewer sums, which may be more than what larger ones hold besides.
  let below = 0;
  while (below < sizes.length - 1 && !await fits(sizes[below]!)) below = 2 * below + 1;
  if (below >= sizes.length - 1) {
    const least = sizes[0]!;
    throw doesNotFit(choice, memory, least, await bytesOf(choice, memory, share, least));
  }
  // Fits below, does not from above on.
  let above = sizes.length - 1;
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (await fits(sizes[middle]!)) below = middle;
    else above = middle;
  }
  return { [PATH]: sizes[below]! };
}

/** What a rank may take: the backend's memory, or its part of the machine's where that is less. */
function memoryOf(
  { backend: { name, memory }, machine, ranks = 1, localRanks = ranks }: MicroChoice,
): Memory | undefined {
  if (name === "webgpu" || memory === undefined || machine === undefined) return memory;
  const sharing = Math.min(localRanks, ranks);
  const bytes = machine.forTensors / sharing;
  if (bytes >= memory.bytes) return memory;
  const from = `what a machine of ${formatBytes(machine.bytes)} has for tensors`;
  return {
    ...memory,
    bytes,
    from: sharing === 1 ? from : `${from}, divided among ${sharing} ranks`,
  };
}

/** Sizes of micro-batches, from the smallest, that so many ranks can share. */
function microBatchSizes(size: number, ranks: number): readonly number[] {
  return Array.from({ length: size / ranks }, (_, i) => i + 1)
    .filter((micro) => ranks === 1 || allowedRanks(Math.ceil(size / micro)).includes(ranks));
}

/** What a rank's device would hold in a step. */
async function bytesOf(
  { held, gradientBytes }: MicroChoice,
  { counts }: Memory,
  share: number,
  micro: number,
): Promise<number> {
  // Two micro-batches show what a step of more holds: a sum of gradients, and another part of it; then come further sums.
  return (await held(Math.min(share, 2 * micro), micro))[counts] +
    Math.max(0, heldSums(Math.ceil(share / micro)) - 1) * gradientBytes;
}

function doesNotFit(
  { id, settings, backend, ranks = 1 }: MicroChoice,
  memory: Memory,
  micro: number,
  needed: number,
): Error {
  const ways = [
    ...settings.recompute === undefined ? ["set recompute: blocks"] : [],
    "lower the crop size in transforms",
    ...ranks > 1 ? ["use fewer ranks"] : [],
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
