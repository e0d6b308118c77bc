import { assert, assertEquals } from "@std/assert";
import { Registry } from "../../../../core/registry/registry.ts";
import { readSafetensors } from "../../../../plugins/formats/safetensors.ts";
import { denseCrf } from "../../../../plugins/refinement/crf/dense_crf.ts";
import { denseCrfOptions } from "../../../../plugins/refinement/crf/options.ts";
import { denseCrfRefinement } from "../../../../plugins/refinement/dense_crf.ts";
import { fixturePath } from "../../fixtures/setup.ts";

/** `crf_inference` of SEAM's `tool/imutils.py`: t 10, addPairwiseGaussian(3, 3), addPairwiseBilateral(80, 13, 10). */
const AUTHORS = {
  iterations: 10,
  gaussian: { sxy: 3, compat: 3 },
  bilateral: { sxy: 80, srgb: 13, compat: 10 },
};

/** Mean |Δq| of rounding stays below; that of any changed setting is far above. */
const ROUNDING = 1e-6, CHANGED = 1e-4;

/** A photograph, scores, and what pydensecrf made of them with the authors' settings. */
async function golden() {
  const { tensors } = await readSafetensors(fixturePath("dense_crf_3"));
  const photo = tensors.get("photo")!, probs = tensors.get("probs")!;
  const [channels, height, width] = probs.shape as [number, number, number];
  return {
    image: { width, height, channels: 3, data: photo.data as Uint8Array },
    scores: { width, height, channels, data: probs.data as Float32Array },
    q: tensors.get("q")!.data as Float32Array,
  };
}

function meanDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

Deno.test("dense-crf without options has the SEAM authors' settings", () => {
  assertEquals(denseCrfOptions.parse({}), AUTHORS);
  assertEquals(denseCrfOptions.parse({ gaussian: {}, bilateral: {} }), AUTHORS);
});

Deno.test("dense-crf without options computes what pydensecrf does with the authors' settings", async () => {
  const registry = new Registry([denseCrfRefinement]);
  const use = { use: "dense-crf", device: "cpu", workers: 0 };
  const crf = await registry.create("refinement", use, undefined);
  const { image, scores, q } = await golden();
  const { data } = await crf.refine(scores, image);
  assert(meanDifference(data, q) < ROUNDING, `${meanDifference(data, q)}`);
});

const CHANGES = {
  iterations: { iterations: 9 },
  "gaussian.sxy": { gaussian: { sxy: 3.3 } },
  "gaussian.compat": { gaussian: { compat: 3.3 } },
  "bilateral.sxy": { bilateral: { sxy: 72 } },
  "bilateral.srgb": { bilateral: { srgb: 12 } },
  "bilateral.compat": { bilateral: { compat: 9 } },
};

for (const [name, change] of Object.entries(CHANGES)) {
  Deno.test(`a CRF whose ${name} is a tenth off is not the authors'`, async () => {
    const { image, scores, q } = await golden();
    const { data } = denseCrf(scores, image, denseCrfOptions.parse(change));
    assert(meanDifference(data, q) > CHANGED, `${meanDifference(data, q)}`);
  });
}
