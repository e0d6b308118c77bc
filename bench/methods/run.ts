import type { Manifest, Table } from "seamstress";
import type { Load } from "../measure/load.ts";
import { type Method, ROOT } from "./list.ts";
import type { MeasuredRun } from "./results.ts";
import { keptUsage } from "./usage.ts";

/** Milliseconds between two looks at what a run took; it keeps that as often. */
const COUNTED_EVERY = 500;

/** Where runs land. */
const RUNS = "runs/methods";

/**
 * Runs a method's recipe with a seed, on wasm and in one thread, or goes on with it where it was broken off.
 *
 * @param method its recipe
 * @param seed of everything
 * @param beside how many runs are under way at a time
 * @param load of the machine; the run's own time does not count as others'
 * @returns scores, time, memory
 * @throws {Error} with what the run said, where it failed
 */
export async function runMethod(
  { name, recipe, score, share, source }: Method,
  seed: number,
  beside: number,
  load: Load,
): Promise<MeasuredRun> {
  const folder = `${ROOT}/${RUNS}/${name}-${seed}`;
  const before = await keptUsage(folder, source);
  if (before === undefined) await removeIfThere(folder);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check", "--allow-read", "--allow-write=runs"],
      ...["bench/methods/child.ts", recipe, folder, `${seed}`, `${share}`, source],
    ],
    cwd: ROOT,
    // Held open for as long as this process is there.
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  // While it runs, too: another run that ends meanwhile asks for the load.
  let counted = before?.cpuSeconds ?? 0;
  const count = async () => {
    const usage = await keptUsage(folder, source);
    const { cpuSeconds = counted } = usage ?? {};
    load.countPeer(cpuSeconds - counted);
    counted = cpuSeconds;
    return usage;
  };
  const timer = setInterval(count, COUNTED_EVERY);
  const [{ success }, said] = await Promise.all([
    child.status,
    new Response(child.stderr).text(),
  ]).finally(() => clearInterval(timer));
  await child.stdin.close().catch(() => {});
  const usage = await count();
  if (!success || usage === undefined) {
    throw new Error(said.trim());
  }
  const { miou, alpha } = await summaryOf(folder, score),
    { map } = await summaryOf(folder, "map");
  const { earlier: _, data: __, base: ___, seed: ____, ...madeWith }: Manifest = JSON.parse(
    await Deno.readTextFile(`${folder}/manifest.json`),
  );
  return {
    seed,
    source,
    share,
    scores: { miou: miou!, alpha: alpha!, ...map !== undefined && { map } },
    others: await otherScores(folder, score),
    seconds: await secondsOf(folder),
    cpuSeconds: usage.cpuSeconds,
    peakBytes: usage.peakBytes,
    beside,
    load: load.found(),
    madeWith,
  };
}

async function removeIfThere(folder: string): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Headline numbers of a stage; empty where it does not score. */
async function summaryOf(folder: string, stage: string): Promise<Table["summary"]> {
  try {
    const path = `${folder}/stages/${stage}/table.json`;
    return JSON.parse(await Deno.readTextFile(path)).table.summary;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

/** mIoU of further stages that score, such as masks behind a random walk. */
async function otherScores(folder: string, score: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  const names = await Array.fromAsync(Deno.readDir(`${folder}/stages`), ({ name }) => name);
  for (const stage of names.filter((name) => name !== score).sort()) {
    const { miou } = await summaryOf(folder, stage);
    if (miou !== undefined) found[stage] = miou;
  }
  return found;
}

/** Of all stages, as the log has them: of those that were broken off, the last part. */
async function secondsOf(folder: string): Promise<number> {
  const lines = (await Deno.readTextFile(`${folder}/metrics.jsonl`)).trim().split("\n");
  return lines.map((line) => JSON.parse(line))
    .filter(({ event, state }) => event === "stage" && state === "finished")
    .reduce((sum, { seconds }) => sum + seconds, 0);
}
