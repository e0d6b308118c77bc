import { assert, assertEquals, assertRejects } from "@std/assert";
import { besidePydensecrf, findPydensecrf, type Scene } from "../../bench/dense_crf/pydensecrf.ts";
import { type Interpreter, PYTHONS } from "../../bench/measure/python.ts";
import { renderTables } from "../../bench/page/page.ts";
import type { DenseCrf } from "../../bench/page/results.ts";
import { inTempFolder } from "../command.ts";
import { halves, randomScores } from "../plugins/refinement/crf/setup.ts";
import { pythonTest } from "../python.ts";

/**
 * Stands in for pydensecrf, which many machines lack, to see what reaches it: refuses other kernels than the authors', and infers what
 * one pixel of all would be told, argmax of the unary, but for the pixels whose red is 255.
 */
const STAND_IN = `
import numpy
class DenseCRF2D:
    def __init__(self, width, height, labels):
        self.size = (labels, height * width)
    def setUnaryEnergy(self, unary):
        assert unary.shape == self.size and unary.dtype == numpy.float32, unary
        self.unary = unary
    def addPairwiseGaussian(self, sxy, compat):
        assert (sxy, compat) == (3, 3)
    def addPairwiseBilateral(self, sxy, srgb, rgbim, compat):
        assert (sxy, srgb, compat) == (80, 13, 10) and rgbim.dtype == numpy.uint8
        self.red = rgbim[..., 0].reshape(-1)
    def inference(self, iterations):
        assert iterations == 10
        q = numpy.exp(-self.unary)
        q[:, self.red == 255] = 1 - q[:, self.red == 255]
        return q
`;

const UTILS = `
import numpy
def unary_from_softmax(probs):
    return -numpy.log(probs.reshape(probs.shape[0], -1))
`;

/** A folder with a Python that imports the stand-in. */
async function withStandIn(fn: (python: Interpreter) => Promise<void>): Promise<void> {
  await inTempFolder(async (folder) => {
    await Deno.mkdir(`${folder}/pydensecrf`);
    await Deno.writeTextFile(`${folder}/pydensecrf/__init__.py`, "");
    await Deno.writeTextFile(`${folder}/pydensecrf/densecrf.py`, STAND_IN);
    await Deno.writeTextFile(`${folder}/pydensecrf/utils.py`, UTILS);
    const python = `${folder}/python`;
    await Deno.writeTextFile(python, `PYTHONPATH=${folder} exec /usr/bin/python3 "$@"\n`);
    // Tests may start programs by name only, not what they wrote.
    await fn(["sh", python]);
  });
}

/** Scores so sure that ten iterations change no label, two in each row of whose pixels the stand-in turns round. */
function sureScene(seed: number): Scene {
  const image = halves(8, 5, seed), scores = randomScores(8, 5, 2, seed);
  for (let pixel = 0; pixel < 40; pixel++) {
    const left = pixel % 8 < 4;
    scores.data[pixel] = left ? 0.999 : 0.001;
    scores.data[40 + pixel] = left ? 0.001 : 0.999;
    if (pixel % 8 < 2) image.data[3 * pixel] = 255;
  }
  return { image, scores };
}

pythonTest(
  "the benchmark gives pydensecrf the same images and the authors' settings, and counts labels that differ",
  ["numpy"],
  () =>
    withStandIn(async (python) => {
      assertEquals(await findPydensecrf([["no-such-python"], python]), { python });
      const found = await besidePydensecrf(python, [1, 2, 3].map(sureScene), 2);
      const { seconds, oursSeconds, cpuSeconds, oursCpuSeconds, ...counts } = found;
      assertEquals(counts, { labels: 2, images: 3, pixels: 120, labelsApart: 30 });
      for (const time of [seconds, oursSeconds, cpuSeconds, oursCpuSeconds]) assert(time >= 0);
    }),
);

Deno.test("the benchmark names every Python that has no pydensecrf", async () => {
  await inTempFolder(async (folder) => {
    const script = `${folder}/python`, broken: Interpreter = ["sh", script];
    await Deno.writeTextFile(script, "echo no such module >&2\nexit 1\n");
    const found = await findPydensecrf([["no-such-python"], broken]);
    assert("notMeasured" in found);
    assert(found.notMeasured.includes("no-such-python: "), found.notMeasured);
    assert(found.notMeasured.includes(`sh ${script}: no such module`), found.notMeasured);
    await assertRejects(
      () => besidePydensecrf(broken, [sureScene(1)], 1),
      Error,
      "dense_crf.py: no such module",
    );
  });
});

const page = {
  machine: "a machine",
  date: "2026-01-01",
  deno: "2",
  rows: [{ what: "one core", labels: 3, images: 2, seconds: 1, cpuSeconds: 1 }],
};

Deno.test("the page shows pydensecrf's times where they were measured, and else says that they were not", () => {
  const row = {
    ...{ labels: 3, images: 5, pixels: 9 },
    ...{ seconds: 0.5, oursSeconds: 0.25, cpuSeconds: 0.6, oursCpuSeconds: 0.3 },
  };
  const shown = (pydensecrf: DenseCrf["pydensecrf"]) =>
    renderTables({ denseCrf: { ...page, pydensecrf } });
  const measured = shown({ rows: [{ ...row, labelsApart: 2 }] });
  assert(
    /\| 3 +\| 5 +\| 0\.5 +\| 0\.25 +\| 2x +\| 0\.6 +\| 0\.3 +\| 2 of 9 +\|/.test(measured),
    measured,
  );
  assert(!measured.includes("not measured"));
  // Where its lines break is the page's affair.
  const absent = shown({ notMeasured: `${PYTHONS[0]}: No module` }).replaceAll(/\s+/g, " ");
  assert(absent.includes("was not measured on this machine"), absent);
  assert(absent.includes("python3: No module"), absent);
});
