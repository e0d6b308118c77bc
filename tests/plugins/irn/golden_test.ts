import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Registry } from "../../../core/registry/registry.ts";
import { formatVerification } from "../../../plugins/fixtures/verify/format.ts";
import { verify } from "../../../plugins/fixtures/verify/verify.ts";
import { plugins } from "../../../plugins/mod.ts";
import { backends, eachBackend } from "../../backends.ts";
import { inTempFolder } from "../../command.ts";
import { changedCopy, fixturePath } from "../fixtures/setup.ts";

const factory = new Registry(plugins);

for (const name of ["irn", "irn_deep", "irn_walk"]) {
  eachBackend(`${name} is recomputed within its tolerance`, async () => {
    const before = tf.memory().numTensors;
    const results = await verify([fixturePath(name)], { factory });
    assert(results[0]?.passed, formatVerification(results));
    assert(results[0].quantities.length >= 2);
    assertEquals(tf.memory().numTensors, before, "tensors were left behind");
  });
}

Deno.test("each setting of the walk within boundaries changes what is compared", async () => {
  await backends.cpu.prepare();
  await inTempFolder(async (folder) => {
    const path = `${folder}/changed.safetensors`;
    for (const [key, value] of [["beta", "9"], ["logt", "7"], ["radius", "4"]] as const) {
      await changedCopy("irn_walk", path, ({ metadata }) => {
        metadata[key] = value;
      });
      const [result] = await verify([path], { factory });
      assertEquals([result!.passed, result!.error], [false, undefined], key);
    }
  });
});
