import { assert, assertAlmostEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { isUserError } from "../../../core/errors.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import { FIRST_STEP } from "../../../core/trainer/training_state.ts";
import { ppcLoss } from "../../../plugins/ppc/loss.ts";
import { eachBackend } from "../../backends.ts";
import { assertNear, type Maps, numericalGradient, randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";
import { contrasts } from "./reference.ts";

const registry = new Registry([ppcLoss]);
const makeLoss = (options: Readonly<Record<string, unknown>> = {}) =>
  registry.create("loss", { use: "ppc", ...options }, undefined);

const SIZE = [2, 4, 5] as const, CLASSES = 5, PIXELS = 40;
const LABEL = [[1, 0, 1, 0, 0], [0, 1, 0, 0, 0]];

/** A view; features are positive as behind a ReLU, a class that no image shows is nowhere above 0. */
function view(name: string) {
  const cam = randomMaps(`cam ${name}`, [...SIZE, 1 + CLASSES], [-0.5, 1]);
  return {
    projection: randomMaps(`projection ${name}`, [...SIZE, 4], [0, 1]),
    cam: { ...cam, data: cam.data.map((x, i) => i % (1 + CLASSES) === CLASSES ? -1 : x) },
  };
}
const views = [view("one"), view("two")] as const;

/** What the loss draws for a view. */
function draws(v: number): number[] {
  const rng = FIRST_STEP.rng.child("ppc pixels", v);
  return Array.from({ length: PIXELS }, () => Math.fround(rng.float()));
}

async function evaluate(options: Readonly<Record<string, unknown>>) {
  const loss = await makeLoss(options);
  const [first, second] = views.map(({ cam, projection }) => [cam, projection].map(tensorOf));
  const label = tf.tensor2d(LABEL);
  const before = tf.memory().numTensors;
  const run = (one: tf.Tensor, two: tf.Tensor) =>
    loss.compute({
      targets: { label },
      views: [],
      pair: {
        first: { cam_rv_map: first![0]!, projection: one as tf.Tensor4D },
        second: { cam_rv_map: second![0]!, projection: two as tf.Tensor4D },
      },
    }, FIRST_STEP);
  const { value, grads } = tf.valueAndGrads(run)([first![1]!, second![1]!]);
  const result = {
    value: (await value.data())[0]!,
    gradients: await Promise.all(grads.map((gradient) => gradient.data<"float32">())),
  };
  tf.dispose([value, grads]);
  assert(tf.memory().numTensors === before, "tensors were left behind");
  tf.dispose([first!, second!, label]);
  return result;
}

const maps = views.map(({ projection }) => projection);
const wanted = contrasts([...views], LABEL, [draws(0), draws(1)]);

for (const part of ["cross-prototype", "cross-cam", "intra-view"] as const) {
  const slopes = maps.map(({ data }, v) => {
    const of = (data: Float64Array) =>
      wanted(maps.map((map, i): Maps => i === v ? { ...map, data } : map))[part];
    return numericalGradient(of, data);
  });
  eachBackend(`ppc: ${part} is the authors' in value and gradient`, async () => {
    const { value, gradients } = await evaluate({ contrast: part });
    assertAlmostEquals(value, wanted(maps)[part], 1e-5);
    for (const [v, slope] of slopes.entries()) {
      assertNear(gradients[v]!, slope, 1e-4, `view ${v}`);
    }
  });
}

eachBackend("ppc: all is the sum of the three contrasts", async () => {
  const { value } = await evaluate({});
  assertAlmostEquals(value, Object.values(wanted(maps)).reduce((a, b) => a + b), 2e-5);
});

Deno.test("ppc: the pixels that are drawn change from step to step", async () => {
  const loss = await makeLoss({ contrast: "intra-view" });
  const [first, second] = views.map(({ cam, projection }) => ({
    cam_rv_map: tensorOf(cam),
    projection: tensorOf(projection),
  }));
  const at = async (seed: number) =>
    (await loss.compute({
      targets: { label: tf.tensor2d(LABEL) },
      views: [],
      pair: { first: first!, second: second! },
    }, { ...FIRST_STEP, rng: Rng.of(seed) }).data())[0]!;
  assert(await at(1) === await at(1));
  assert(await at(1) !== await at(2));
});

Deno.test("ppc refuses to use more than is hard, and unknown contrasts", async () => {
  const error = await assertRejects(() => makeLoss({ used: 0.7 }), TypeError, "<= hardest");
  assert(isUserError(error));
  await assertRejects(() => makeLoss({ contrast: "intra" }), TypeError, "contrast");
  await assertRejects(() => makeLoss({ temperature: 0 }), TypeError, "temperature");
  await assertRejects(() => makeLoss({ memory: 0.9 }), TypeError, '"memory"');
});
