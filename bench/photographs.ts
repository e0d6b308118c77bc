/**
 * Gathers finished runs of recipes on photographs into bench/results/voc_animals_full.json, and writes tables and curves of
 * docs/photographs.md from it.
 *
 *   deno task photographs --machine "2 cores of an AMD EPYC, 24 GiB" runs/full-1 runs/full-2    runs in place of what was gathered
 *   deno task photographs                                                                       the page alone
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { drawCurves } from "./photographs/curves.ts";
import { gather } from "./photographs/gather.ts";
import { withResults } from "./photographs/page.ts";
import { CURVES, PAGE, readResults, writeResults } from "./photographs/results.ts";

const { machine, _: runs } = parseArgs(Deno.args, { string: ["machine"] }) as {
  machine?: string;
  _: readonly (string | number)[];
};
if (runs.length > 0) {
  if (machine === undefined) {
    throw new TypeError("Cannot gather runs: expected --machine, the processor and what else ran");
  }
  await writeResults({ machine, runs: await Promise.all(runs.map((run) => gather(`${run}`))) });
}
const results = await readResults();
await Deno.writeTextFile(PAGE, withResults(await Deno.readTextFile(PAGE), results));
await Deno.writeTextFile(CURVES, drawCurves(results));
