import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "../../core/recipe/paths.ts";
import { Rng } from "../../core/rng.ts";
import { inTempFolder, runSeamstress, seamstress } from "../command.ts";
import { compareStages } from "../folders.ts";

/** How often the pipeline is killed; `KILLS=100 deno task test-file tests/kill_test.ts` takes half an hour or more. */
const KILLS = Number(Deno.env.get("KILLS") ?? 3);

/** Longest time from a run's first sign of life to its end by SIGKILL, as a part of the time that an unbroken run takes. */
const LONGEST = 1 / 3;

/** Every stage from image labels to an archive of new masks, with few images and steps. */
const ARGS = [
  "run",
  fromFileUrl(new URL("../../recipes/mini/seam-full.yaml", import.meta.url)),
  "--backend=wasm",
  "--group=workers",
  ...[
    "split=train[0:4]",
    "epochs=1",
    "batch.size=2",
    ...["seam", "affinity", "retrain"].map((id) => `${id}.checkpointEvery=1`),
    "seam.losses.er.start=0",
  ]
    .flatMap((set) => ["--set", set]),
];

/** Bytes of a run's log; -1 where there is none. */
async function logged(run: string): Promise<number> {
  return await Deno.stat(`${run}/metrics.jsonl`).then(({ size }) => size, () => -1);
}

/** Where the run was when it was killed, for the test's report. */
async function stageUnderWay(run: string): Promise<string> {
  const text = await Deno.readTextFile(`${run}/metrics.jsonl`).catch(() => "");
  const begun = text.split("\n").findLast((line) => line.includes('"event":"stage"'));
  return begun === undefined ? "before the first stage" : JSON.parse(begun).stage;
}

/** Continues a run and kills it after `longest` milliseconds at most. @returns whether it was over before */
async function continueAndKill(
  run: string,
  longest: number,
  rng: () => number,
): Promise<boolean> {
  const resume = await Deno.stat(run).then(() => ["--resume"], () => []);
  const before = await logged(run);
  const child = seamstress([...ARGS, "--out", run, ...resume]).spawn();
  const said = new Response(child.stderr).text();
  const drained = child.stdout.cancel();
  let over = false;
  const ended = child.status.then((status) => {
    over = true;
    return status;
  });
  const wait = (ms: number) =>
    Promise.race([ended, new Promise((resolve) => setTimeout(resolve, ms))]);
  // One in eight dies while it still looks at the recipe, the folder and the stages; the others while they work.
  if (rng() < 0.125) await wait(rng() * longest / 2);
  else {
    while (!over && await logged(run) === before) await wait(5);
    await wait(rng() * longest);
  }
  if (!over) child.kill("SIGKILL");
  const { success, signal } = await ended;
  await drained;
  assert(success || signal === "SIGKILL", await said);
  return success;
}

Deno.test(`a whole pipeline killed ${KILLS} times at any moment ends with the files of an unbroken run, byte for byte`, async () => {
  await inTempFolder(async (folder) => {
    const began = performance.now();
    const whole = await runSeamstress([...ARGS, "--out", `${folder}/whole`]);
    assertEquals(whole.code, 0, whole.err);
    const longest = (performance.now() - began) * LONGEST;
    const rng = Rng.of(20_200_614);
    const next = () => rng.float();
    const killedIn = new Map<string, number>();
    let kills = 0;
    for (let pass = 0; kills < KILLS; pass++) {
      const run = `${folder}/killed-${pass}`;
      while (kills < KILLS && !await continueAndKill(run, longest, next)) {
        kills++;
        const stage = await stageUnderWay(run);
        killedIn.set(stage, (killedIn.get(stage) ?? 0) + 1);
      }
      const { code, err } = await runSeamstress([...ARGS, "--out", run, "--resume"]);
      assertEquals(code, 0, err);
      const files = await compareStages(run, `${folder}/whole`);
      await Deno.remove(run, { recursive: true });
      if (KILLS > 20) {
        // deno-lint-ignore no-console -- a long test says where it stands
        console.log(
          `pass ${pass}: ${kills} kills, ${files} files equal`,
          Object.fromEntries(killedIn),
        );
      }
    }
  });
});
