import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Registry } from "../../../core/registry/registry.ts";
import { vgg16 } from "../../../plugins/backbones/vgg16.ts";
import { advcamFixture } from "../../../plugins/fixtures/advcam.ts";
import { formatVerification } from "../../../plugins/fixtures/verify/format.ts";
import { verify } from "../../../plugins/fixtures/verify/verify.ts";
import { camHead } from "../../../plugins/heads/cam.ts";
import { backends, eachBackend } from "../../backends.ts";
import { inTempFolder } from "../../command.ts";
import { changedCopy, fixturePath } from "../fixtures/setup.ts";

const factory = new Registry([advcamFixture, vgg16, camHead]);

eachBackend("CAMs of climbed images are those of the authors' code, step by step", async () => {
  const before = tf.memory().numTensors;
  const results = await verify([fixturePath("advcam")], { factory });
  assert(results[0]?.passed, formatVerification(results));
  assertEquals(results[0].quantities.length, 6);
  assertEquals(tf.memory().numTensors, before, "tensors were left behind");
});

Deno.test("each of a climb's settings changes what is compared", async () => {
  await backends.wasm.prepare();
  await inTempFolder(async (folder) => {
    const path = `${folder}/changed.safetensors`;
    for (
      const [key, value] of [
        ["iterations", "11"],
        ["step_size", "0.07"],
        ["regularize", "6"],
        ["threshold", "0.9"],
      ] as const
    ) {
      await changedCopy("advcam", path, ({ metadata }) => {
        metadata[key] = value;
      });
      const [result] = await verify([path], { factory });
      assertEquals([result!.passed, result!.error], [false, undefined], key);
    }
  });
});
