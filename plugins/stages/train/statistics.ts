import { type Backbone, type Head, userError } from "seamstress";
import type { TrainingOptions as Options } from "seamstress/wsss";

/** Parts of a network that may have trainable batch norms. */
export interface Network {
  readonly backbone: Pick<Backbone, "statistics">;
  readonly head: Pick<Head, "statistics">;
}

/** An option of the recipe, and its value. */
type Stated = readonly [option: string, statistics: "batch" | number];

function stated({ backbone, head }: Network): readonly Stated[] {
  const all = [["backbone.norm.statistics", backbone.statistics], [
    "head.statistics",
    head.statistics,
  ]] as const;
  return all.flatMap(([option, statistics]): Stated[] =>
    statistics === undefined ? [] : [[option, statistics]]
  );
}

/**
 * What a network's batch norms take their training statistics over.
 *
 * @param network backbone and head, which agree: {@linkcode checkStatistics}
 * @param size samples a step
 * @returns so many samples; undefined where no batch norm trains
 */
export function statisticsOf(network: Network, size: number): number | undefined {
  const [first] = stated(network);
  if (first === undefined) return undefined;
  return first[1] === "batch" ? size : first[1];
}

/**
 * Fails where micro-batches are not what the network takes its training statistics over: batch norm would normalise by fewer samples
 * than the recipe states, and the result would depend on the memory of the device.
 *
 * @param id the stage
 * @param network what it trains
 * @param batch samples a step, and on the device at a time; which of them move running statistics
 * @throws {RangeError} naming both sizes
 */
export function checkStatistics(
  id: string,
  network: Network,
  { size, micro = size, runningStatistics }: Options["batch"],
): void {
  const all = stated(network);
  const [first, second = first] = all;
  if (first === undefined || second === undefined) {
    if (runningStatistics === undefined) return;
    throw userError(
      new RangeError(
        `Cannot plan stage ${id}: batch.runningStatistics is ${runningStatistics}, but no batch norm of backbone or head trains; ` +
          "leave it out",
      ),
    );
  }
  const [wanted, other] = [first, second].map(([, value]) => value === "batch" ? size : value);
  if (wanted !== other) {
    throw userError(
      new RangeError(
        `Cannot plan stage ${id}: ${first[0]} is ${first[1]} and ${second[0]} is ${
          second[1]
        }, but both see the same micro-batches; say the same for both`,
      ),
    );
  }
  const refuse = (problem: string, way: string) =>
    userError(
      new RangeError(
        `Cannot plan stage ${id}: batch.micro is ${micro}, but ${problem}; ${way}`,
      ),
    );
  if (micro !== "auto" && micro !== wanted) {
    throw refuse(
      `batch norm takes its statistics over ${
        wanted === size ? `the whole batch of ${size}` : `${wanted} samples`
      }, and micro-batches are normalised one by one`,
      `set batch.micro to ${wanted}, or ${
        all.map(([option]) => option).join(" and ")
      } to ${micro} (another result)`,
    );
  }
  if (size % wanted! !== 0) {
    throw refuse(
      `a batch of ${size} ends with a smaller one, whose statistics would count as much`,
      "make batch.size a multiple of it",
    );
  }
}
