import { assert, assertEquals, assertMatch } from "@std/assert";
import { callSeamstress } from "./call.ts";
import { inTempFolder } from "./command.ts";

const RECIPE = `
name: profiled
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
    optimizer: { use: sgd, lr: 0.01 }
    batch: { size: 2 }
    epochs: 1
    transforms: [normalize, { use: random-crop, size: 16 }]
  - { id: cams, run: infer, from: train, split: "train[0:3]", scales: [0.5], flip: false }
`;

async function names(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).sort();
}

Deno.test("run --profile leaves a table and a trace of every stage, and the same weights", async () => {
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/r.yaml`, RECIPE);
    const run = (out: string, ...others: string[]) =>
      callSeamstress(["run", `${folder}/r.yaml`, "--out", `${folder}/${out}`, ...others]);
    const profiled = await run("profiled", "--profile-steps", "2-3");
    assertEquals(profiled.code, 0, profiled.err);
    assertEquals(profiled.out, `profile: ${folder}/profiled/profile\n`);
    assertEquals(
      await names(`${folder}/profiled/profile`),
      ["cams", "train"].flatMap((id) => [`${id}.json`, `${id}.md`, `${id}.trace.json`]),
    );
    const text = await Deno.readTextFile(`${folder}/profiled/profile/train.md`);
    assertMatch(text, /step 2 to step 3: /);
    assertMatch(text, /\| Conv2D \|/);

    const plain = await run("plain");
    assertEquals(plain.code, 0, plain.err);
    assert(!(await names(`${folder}/plain`)).includes("profile"));
    const weights = async (out: string) => {
      const checkpoints = `${folder}/${out}/stages/train/checkpoints`;
      const files = (await names(checkpoints)).filter((name) => name.endsWith(".safetensors"));
      assert(files.length > 0);
      return await Promise.all(files.map((name) => Deno.readFile(`${checkpoints}/${name}`)));
    };
    assertEquals(await weights("profiled"), await weights("plain"));
  });
});

Deno.test("steps that cannot be profiled are said before any work", async () => {
  const { code, err } = await callSeamstress(
    ["run", "recipes/mini/seam.yaml", "--profile-steps", "6-2"],
  );
  assertEquals(code, 1);
  assertEquals(
    err,
    'error: Cannot profile steps "6-2": expected such as 2-6, from 1, 100 steps at most\n',
  );
});
