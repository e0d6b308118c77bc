import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { callSeamstress } from "./call.ts";
import { inTempFolder } from "./command.ts";

const RECIPE = `
name: micro
group: single
backend: wasm
dataset: { use: mini, size: 16 }
stages:
  - id: train
    run: train
    split: "train[0:8]"
    backbone: tiny
    head: { use: seam, low: t3, mid: t4, lowChannels: 8, midChannels: 16, imageScale: 4 }
    method: { use: seam, view: { use: rescale, scale: 0.5 } }
    losses: [classification, er, ecr, min-pooling]
    optimizer: { use: sgd, lr: 0.01, momentum: 0.9 }
    batch: { size: 4, micro: auto }
    epochs: 1
    transforms: [flip, normalize]
`;

type Run = (folder: string, ...args: string[]) => ReturnType<typeof callSeamstress>;

async function scene(fn: (run: Run, folder: string) => Promise<void>): Promise<void> {
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/r.yaml`, RECIPE);
    await fn(
      (to, ...args) =>
        callSeamstress(["run", `${folder}/r.yaml`, `--out=${folder}/${to}`, ...args]),
      folder,
    );
  });
}

async function manifestOf(folder: string): Promise<{ chosen?: Record<string, unknown> }> {
  return JSON.parse(await Deno.readTextFile(`${folder}/manifest.json`));
}

/** The trained weights, byte by byte. */
async function weightsOf(folder: string): Promise<Uint8Array> {
  const stage = `${folder}/stages/train`;
  const { artifact } = JSON.parse(await Deno.readTextFile(`${stage}/stage.json`));
  return await Deno.readFile(`${stage}/${artifact.info.weights}`);
}

Deno.test("micro: auto is chosen before the start, said, recorded, and kept on resume", async () => {
  await scene(async (run, folder) => {
    const planned = await run("a", "--dry-run");
    assertStringIncludes(planned.out, "the largest that fit", planned.err);
    const first = await run("a");
    assertEquals(first.code, 0, first.err);
    assertStringIncludes(first.out, "train: batch.micro 4, chosen for this device");
    const manifest = await manifestOf(`${folder}/a`);
    assertEquals(manifest.chosen, { train: { "batch.micro": 4 } });

    // As if a smaller device had begun, and been killed.
    const smaller = JSON.stringify({ ...manifest, chosen: { train: { "batch.micro": 2 } } });
    await Deno.writeTextFile(`${folder}/a/manifest.json`, smaller);
    const marker = `${folder}/a/stages/train/stage.json`;
    const { fingerprint } = JSON.parse(await Deno.readTextFile(marker));
    await Deno.writeTextFile(marker, JSON.stringify({ fingerprint }));
    const again = await run("a", "--resume");
    assertEquals(again.code, 0, again.err);
    assertStringIncludes(again.out, "train: batch.micro 2, chosen for this device");
    assertEquals((await manifestOf(`${folder}/a`)).chosen, { train: { "batch.micro": 2 } });
  });
});

Deno.test("recompute: blocks trains the same weights, to the last bit on wasm", async () => {
  await scene(async (run, folder) => {
    for (const [to, ...set] of [["plain"], ["again", "--set=train.recompute=blocks"]]) {
      const { code, err } = await run(to!, ...set);
      assertEquals(code, 0, err);
    }
    const [plain, again] = [await weightsOf(`${folder}/plain`), await weightsOf(`${folder}/again`)];
    assert(plain.length > 1000);
    assertEquals(again, plain);
  });
});
