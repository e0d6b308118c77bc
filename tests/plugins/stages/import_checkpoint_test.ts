import { assert, assertEquals, assertRejects } from "@std/assert";
import { readCams } from "../../../plugins/wsss/cams/cam_store.ts";
import { isMistake } from "../../../core/errors.ts";
import { network, runScene, withFolder } from "./scene.ts";

const infer = { id: "cams", run: "infer", from: "net", split: "val[0:2]", scales: [1] };

/** The stage that takes the weights that a network left, and what of its options differs. */
function imported(file: string, options: Record<string, unknown> = {}) {
  const { backbone, head } = network("net", "cam");
  return {
    id: "net",
    run: "import-checkpoint",
    split: "val",
    backbone,
    head,
    weights: { use: "safetensors", file },
    ...options,
  };
}

Deno.test("import-checkpoint takes weights of backbone and head, and stages that read a training's read them", async () => {
  await withFolder(async (folder) => {
    await runScene(`${folder}/a`, [network("net", "cam"), infer]);
    const weights = imported(`${folder}/a/net/w.safetensors`);
    const { artifacts } = await runScene(`${folder}/b`, [weights, infer]);
    assertEquals(artifacts.get("net")!.kind, "checkpoint");
    for (const name of ["mini_0600", "mini_0601"]) {
      assertEquals(
        await readCams(`${folder}/b/cams/cams`, name),
        await readCams(`${folder}/a/cams/cams`, name),
      );
    }
  });
});

Deno.test("import-checkpoint refuses weights that are missing or of another network", async () => {
  await withFolder(async (folder) => {
    await runScene(`${folder}/a`, [network("net", "cam")]);
    const file = `${folder}/a/net/w.safetensors`;
    const refuse = async (stage: Record<string, unknown>, message: string) => {
      const error = await assertRejects(() => runScene(`${folder}/b`, [stage]), Error, message);
      assert(isMistake(error), "a trace would be printed");
    };
    await refuse(imported(`${folder}/none.safetensors`), `${folder}/none.safetensors`);
    await refuse(imported(file, { head: network("net", "seam")["head"] }), "f9.weight");
    await assertRejects(() => Deno.stat(`${folder}/b`), Deno.errors.NotFound);
  });
});
