import { assertEquals, assertNotEquals } from "@std/assert";
import { encodeSafetensors, readSafetensors } from "../../../plugins/formats/safetensors.ts";
import { camTraining, network, runScene, withFolder } from "./scene.ts";

/** Stages that start from a weights file. */
const STAGES: Record<string, (file: string) => Record<string, unknown>> = {
  "train": (file) => ({
    ...camTraining,
    epochs: 1,
    maxSteps: 1,
    backbone: { use: "tiny", weights: { use: "safetensors", file, allowExtra: ["*"] } },
  }),
  "import-checkpoint": (file) => ({
    id: "cam",
    run: "import-checkpoint",
    split: "val",
    backbone: "tiny",
    head: "cam",
    weights: { use: "safetensors", file },
  }),
};

/** When a stage's result was made: another text each time that it is made anew. */
async function made(folder: string): Promise<unknown> {
  return JSON.parse(await Deno.readTextFile(`${folder}/cam/stage.json`)).made;
}

for (const [name, stage] of Object.entries(STAGES)) {
  Deno.test(`${name} knows a weights file by its bytes: a copy made later changes nothing, other weights do`, async () => {
    await withFolder(async (folder) => {
      await runScene(`${folder}/net`, [network("net", "cam")]);
      const from = `${folder}/net/net/w.safetensors`, file = `${folder}/w.safetensors`;
      await Deno.copyFile(from, file);
      const run = async () => {
        await runScene(`${folder}/run`, [stage(file)]);
        return await made(`${folder}/run`);
      };
      const first = await run();
      const { mtime } = await Deno.stat(file);
      await Deno.copyFile(from, file);
      await Deno.utime(file, new Date(), new Date(mtime!.getTime() + 60_000));
      assertEquals(await run(), first, "the same bytes, written later");

      const { tensors } = await readSafetensors(from);
      for (const { data } of tensors.values()) data[0] = 0.5;
      await Deno.writeFile(file, encodeSafetensors(tensors));
      await Deno.utime(file, new Date(), new Date(mtime!.getTime() + 60_000));
      assertNotEquals(await run(), first, "other bytes, as many and of the same time");
    });
  });
}
