import { type Backbone, type Head, type TrainingPart, userError } from "seamstress";
import type { TrainingOptions as Options } from "seamstress/wsss";

/** Parts of a training that may need several samples at once: trainable batch norms, methods and losses over the batch. */
export interface Parts {
  readonly backbone: Pick<Backbone, "statistics">;
  readonly head: Pick<Head, "statistics">;
  readonly method: Pick<TrainingPart, "statistics">;
  readonly losses: readonly {
    readonly name: string;
    readonly loss: Pick<TrainingPart, "statistics">;
  }[];
}

/** Who says it, and what; of a network's batch norms, an option of the recipe says it. */
interface Stated {
  readonly who: string;
  readonly option: boolean;
  readonly statistics: "batch" | number;
}

function stated({ backbone, head, method, losses }: Parts): readonly Stated[] {
  const all = [
    { who: "backbone.norm.statistics", option: true, statistics: backbone.statistics },
    { who: "head.statistics", option: true, statistics: head.statistics },
    { who: "the method", option: false, statistics: method.statistics },
    ...losses.map(({ name, loss }) => ({
      who: `loss ${name}`,
      option: false,
      statistics: loss.statistics,
    })),
  ];
  return all.flatMap(({ statistics, ...rest }) =>
    statistics === undefined ? [] : [{ ...rest, statistics }]
  );
}

/**
 * How many samples the parts of a training need at once.
 *
 * @param parts which agree: {@linkcode checkStatistics}
 * @param size samples a step
 * @returns so many samples; undefined where micro-batches of any size give the same
 */
export function statisticsOf(parts: Parts, size: number): number | undefined {
  const [first] = stated(parts);
  if (first === undefined) return undefined;
  return first.statistics === "batch" ? size : first.statistics;
}

/** Names what needs all samples of a batch at once, so that ranks cannot share it. */
export function wantWholeBatch(parts: Parts): readonly string[] {
  return stated(parts).filter(({ statistics }) => statistics === "batch").map(({ who }) => who);
}

/** Whether batch norm of the network trains, and so moves running statistics. */
export function trainsNorms(parts: Parts): boolean {
  return stated(parts).some(({ option }) => option);
}

/**
 * Fails where micro-batches are not what the network, the method and the losses take their statistics over: batch norm would normalise
 * by fewer samples than the recipe states, and the result would depend on the memory of the device.
 *
 * @param id the stage
 * @param parts what trains
 * @param batch samples a step, and on the device at a time; which of them move running statistics
 * @throws {RangeError} naming both sizes
 */
export function checkStatistics(
  id: string,
  parts: Parts,
  { size, micro = size, runningStatistics }: Options["batch"],
): void {
  const all = stated(parts);
  const [first] = all;
  if (runningStatistics !== undefined && !trainsNorms(parts)) {
    throw userError(
      new RangeError(
        `Cannot plan stage ${id}: batch.runningStatistics is ${runningStatistics}, but no batch norm of backbone or head trains; ` +
          "leave it out",
      ),
    );
  }
  if (first === undefined) return;
  const samples = ({ statistics }: Stated) => statistics === "batch" ? size : statistics;
  const states = ({ who, option, statistics }: Stated) =>
    `${who} ${option ? "is" : "asks for"} ${statistics}`;
  const wanted = samples(first);
  const other = all.find((one) => samples(one) !== wanted);
  if (other !== undefined) {
    throw userError(
      new RangeError(
        `Cannot plan stage ${id}: ${states(first)} and ${
          states(other)
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
    const over = wanted === size ? `the whole batch of ${size}` : `${wanted} samples`;
    const alone = all.find(({ option }) => !option);
    if (alone !== undefined) {
      throw refuse(`${alone.who} computes over ${over} at once`, `set batch.micro to ${wanted}`);
    }
    throw refuse(
      `batch norm takes its statistics over ${over}, and micro-batches are normalised one by one`,
      `set batch.micro to ${wanted}, or ${
        all.map(({ who }) => who).join(" and ")
      } to ${micro} (another result)`,
    );
  }
  if (size % wanted !== 0) {
    throw refuse(
      `a batch of ${size} ends with a smaller one, whose statistics would count as much`,
      "make batch.size a multiple of it",
    );
  }
}
