/**
 * Gathers finished runs of recipes on photographs into bench/results/voc_animals_full.json, and writes tables and curves of
 * docs/photographs.md from it.
 *
 *   deno task photographs --machine "2 cores of an AMD EPYC, 24 GiB" runs/full-1 runs/full-2    runs in place of what was gathered
 *   deno task photographs --machine TEXT --halves runs/f32 runs/f16                             the same steps in both precisions
 *   deno task photographs --machine TEXT --times runs/single runs/workers                       stages on one thread, in a group
 *   deno task photographs                                                                       the page alone
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { drawCurves } from "./photographs/curves.ts";
import { gather, gatherHalves, gatherTimes } from "./photographs/gather.ts";
import { withResults } from "./photographs/page.ts";
import { CURVES, PAGE, readResults, writeResults } from "./photographs/results.ts";

const { machine, halves, times, _: names } = parseArgs(Deno.args, {
  string: ["machine", "_"],
  boolean: ["halves", "times"],
}) as unknown as { machine?: string; halves: boolean; times: boolean; _: readonly string[] };
if (names.length > 0) {
  if (machine === undefined) {
    throw new TypeError("Cannot gather runs: expected --machine, the processor and what else ran");
  }
  if ((halves || times) && names.length !== 2) {
    throw new TypeError(`Cannot compare ${names.length} runs: expected two`);
  }
  const kept = await readResults();
  if (halves) await writeResults({ ...kept, halves: await gatherHalves(machine, names) });
  else if (times) await writeResults({ ...kept, times: await gatherTimes(machine, names) });
  else await writeResults({ ...kept, machine, runs: await Promise.all(names.map(gather)) });
}
const results = await readResults();
await Deno.writeTextFile(PAGE, withResults(await Deno.readTextFile(PAGE), results));
await Deno.writeTextFile(CURVES, drawCurves(results));
