import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { writeAtomic } from "../core/run/atomic.ts";
import { Checkpoints } from "../plugins/wsss/training/checkpoints.ts";
import type { Progress } from "../core/trainer/progress.ts";
import { presentBackends } from "./backends.ts";
import { callSeamstress } from "./call.ts";
import { inTempFolder } from "./command.ts";
import { loggedSteps } from "./logged.ts";

const RECIPE = `
name: half
backend: wasm
dataset: mini
observers: [jsonl]
stages:
  - id: train
    run: train
    split: "train[0:8]"
    backbone: tiny
    head: { use: cam, dropout: 0 }
    method: classification-cam
    losses: [classification]
    optimizer: { use: sgd, lr: 0.01, momentum: 0.9 }
    batch: { size: 2, micro: 1 }
    workers: 0
    recompute: blocks
    epochs: 1
    transforms: [normalize]
  - { id: cams, run: infer, from: train, split: "train[0:2]", scales: [1], flip: true }
`;

/** Losses of the steps, as the log has them. */
async function losses(run: string): Promise<number[]> {
  return (await loggedSteps(run)).map(({ losses: { loss } }) => loss);
}

Deno.test({
  name: "a recipe runs in half precision, and its losses are those of float32 nearly",
  ignore: !presentBackends.includes("webgpu"),
  // The device outlives the test.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inTempFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/r.yaml`, RECIPE);
      const run = (out: string, set?: string, ...others: string[]) =>
        callSeamstress([
          "run",
          `${folder}/r.yaml`,
          ...["--out", `${folder}/${out}`, "--backend", "webgpu"],
          ...set === undefined ? [] : ["--set", set],
          ...others,
        ]);
      const [floats, halves] = [await run("f32"), await run("f16", "backend.precision=f16")];
      assertEquals([floats.code, halves.code], [0, 0], floats.err + halves.err);
      const [wanted, got] = [await losses(`${folder}/f32`), await losses(`${folder}/f16`)];
      assertEquals(got.length, 4);
      got.forEach((loss, i) => assertAlmostEquals(loss, wanted[i]!, 0.02));
      assert(got.some((loss, i) => loss !== wanted[i]));
      const checkpoints = await Checkpoints.open(
        `${folder}/f16/stages/train/checkpoints`,
        writeAtomic,
      );
      const { lossScale } = (await checkpoints.read("last"))!.training!.progress as Progress;
      assertEquals(lossScale, { factor: 65536, steps: 4 });
      const manifests = ["f32", "f16"].map((out) =>
        JSON.parse(Deno.readTextFileSync(`${folder}/${out}/manifest.json`)).precision
      );
      assertEquals(manifests, [undefined, "f16"]);
      // What was made in float32 is not taken for made in float16.
      const resumed = await run("f32", "backend.precision=f16", "--resume", "--dry-run");
      assertMatch(resumed.out, /train +train .*again: changed[^]*cams +infer .*again: changed/);
    }),
});
