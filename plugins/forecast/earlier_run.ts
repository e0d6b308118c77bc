import { messageOf, userError } from "../../core/errors.ts";
import { parseJsonLines } from "../formats/json_lines.ts";

/** Time that a stage took in an earlier run. */
export interface Taken {
  /** Samples a second of a training: the median of its steps. */
  readonly samplesPerSecond?: number;
  /** Of the whole stage, where it finished without a break. */
  readonly seconds?: number;
}

/** The fields of a line of `metrics.jsonl` that are read here. */
interface Line {
  readonly event?: string;
  readonly stage?: string;
  readonly state?: string;
  readonly seconds?: number;
  readonly samplesPerSecond?: number;
}

/**
 * Reads what stages took in an earlier run, from its `metrics.jsonl`.
 *
 * @param folder the run folder
 * @returns by stage id
 * @throws {Deno.errors.NotFound} where the folder has no such file
 */
export async function readEarlierRun(folder: string): Promise<ReadonlyMap<string, Taken>> {
  const path = `${folder}/metrics.jsonl`;
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw userError(
      new Deno.errors.NotFound(
        `Cannot take speeds from ${folder}: cannot read ${path}: ${messageOf(error)}`,
      ),
    );
  }
  const rates = new Map<string, number[]>();
  const seconds = new Map<string, number>();
  const begun = new Map<string, number>();
  for (const line of parseJsonLines<Line>(text)) {
    const { event, stage } = line;
    if (stage === undefined) continue;
    if (event === "step" && line.samplesPerSecond !== undefined) {
      const seen = rates.get(stage) ?? [];
      seen.push(line.samplesPerSecond);
      rates.set(stage, seen);
    } else if (event === "stage" && line.state === "begin") {
      begun.set(stage, (begun.get(stage) ?? 0) + 1);
    } else if (event === "stage" && line.state === "finished" && begun.get(stage) === 1) {
      seconds.set(stage, line.seconds!);
    }
  }
  return new Map([...new Set([...rates.keys(), ...seconds.keys()])].map((stage) => {
    const sorted = rates.get(stage)?.toSorted((a, b) => a - b);
    const whole = seconds.get(stage);
    return [stage, {
      ...sorted && { samplesPerSecond: sorted[Math.floor(sorted.length / 2)]! },
      ...whole !== undefined && { seconds: whole },
    }];
  }));
}
