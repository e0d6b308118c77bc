import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeSafetensors } from "../../../plugins/formats/safetensors.ts";
import { inTempFolder } from "../../command.ts";
import { assertRefused, shortTraining } from "../../short_training.ts";
import { StopAfter } from "../../stop_after.ts";
import { failureOf, filesOf, runGroup } from "../groups/setup.ts";

/** PPC on SEAM, 4 steps. */
const RECIPE = shortTraining({
  name: "ppc",
  head:
    "{ use: ppc, channels: 8, low: t3, mid: t4, lowChannels: 8, midChannels: 16, imageScale: 4 }",
  method: "{ use: seam, view: { use: rescale, scale: 0.5 }, outputs: [projection, cam_rv_map] }",
  losses: "[classification, ecr, { use: ppc, weight: 0.1 }]",
  batch: "{ size: 8 }",
});

Deno.test("ppc that was stopped and resumed ends with the bits of one that was not", async () => {
  await inTempFolder(async (folder) => {
    await runGroup(`${folder}/whole`, { recipe: RECIPE });
    const whole = await filesOf(`${folder}/whole`, "train");
    const stop = new StopAfter(3), stopped = `${folder}/stopped`;
    assertStringIncludes(await failureOf(stopped, { recipe: RECIPE, stop }), "after step 2 of 4");
    await runGroup(stopped, { recipe: RECIPE, resume: true });
    for (const file of ["last-4.safetensors", "last-4.state.safetensors"]) {
      const name = `checkpoints/${file}`;
      assertEquals((await filesOf(stopped, "train"))[name], whole[name], file);
    }
    const path = `${folder}/whole/stages/train/checkpoints/last-4.safetensors`;
    const { tensors } = decodeSafetensors(await Deno.readFile(path), path);
    assert(tensors.has("fc_proj.weight"));
  });
});

Deno.test("ppc, which needs the whole batch, is refused by name on several ranks", async () => {
  await inTempFolder(async (folder) => {
    assertEquals(
      await failureOf(`${folder}/run`, { recipe: RECIPE, count: 2 }),
      "Cannot plan stage train on 2 ranks: the batch of 8 is computed at once for loss ppc; use one rank",
    );
  });
});

for (
  const [what, from, to, message] of [
    [
      "micro-batches of less than the batch",
      "{ size: 8 }",
      "{ size: 8, micro: 4 }",
      "batch.micro is 4, but loss ppc computes over the whole batch of 8 at once; set batch.micro to 8",
    ],
    [
      "a method that hands on no projection",
      ", outputs: [projection, cam_rv_map]",
      "",
      "loss ppc needs pair.projection, pair.cam_rv_map, but head ppc with method seam gives cam, cam_rv, cam_rv_map, projection, pair, view",
    ],
    [
      "a head that projects nothing",
      "use: ppc, channels: 8,",
      "use: seam,",
      "method seam needs projection, cam_rv_map, but head seam with method seam gives cam, cam_rv",
    ],
  ] as const
) {
  Deno.test(`ppc is refused with ${what}`, async () => {
    await assertRefused(RECIPE, [[from, to, message]]);
  });
}
