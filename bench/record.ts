/**
 * Answers a question of bench/QUESTION.bench.ts with the comparison that takes implementations in turns, and writes what it measured into
 * bench/results/, with hardware, versions and what other programs took of the machine meanwhile: above a tenth of its cores nothing is
 * recorded, unless `--busy` is given, which marks the results. What each question takes as arguments stands in its file.
 *
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-write=bench/results bench/record.ts webgpu_kernels [--only conv] [--busy]
 *
 * @module
 */
import { fromFileUrl, userError } from "seamstress";
import { Load } from "./measure/load.ts";

const ENDING = ".bench.ts";

/** @returns names of the questions */
async function questions(): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(fromFileUrl(new URL(".", import.meta.url))));
  return entries.map(({ name }) => name).filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length)).sort();
}

const BUSY = "--busy";
const [question, ...args] = Deno.args.filter((arg) => arg !== BUSY);
const known = await questions();
if (question === undefined || !known.includes(question)) {
  throw userError(
    new RangeError(`Cannot record ${question ?? "nothing"}: questions are ${known.join(", ")}`),
  );
}
const { record }: { record(args: readonly string[], load: Load): Promise<void> } = await import(
  new URL(`${question}${ENDING}`, import.meta.url).href
);
await record(args, await Load.beforeMeasuring(Deno.args.includes(BUSY)));
