import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { checkGradient, createPlugin, uniform } from "seamstress/testing";
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../../core/rng.ts";
import { FIRST_STEP } from "../../../core/trainer/training_state.ts";
import { ctcLoss } from "../../../plugins/toco/ctc.ts";
import { followProjection, project, projectionSpecs } from "../../../plugins/toco/projection.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { eachBackend } from "../../backends.ts";
import { assertNear } from "../losses/numeric.ts";

const VIEWS = 5, CHANNELS = 4;
const STUDENT = uniform([2, VIEWS, CHANNELS], [-1, 1], "student");
const TEACHER = uniform([2, 2, CHANNELS], [-1, 1], "teacher");
/** The first two are whole views; a sample without negatives, too. */
const POSITIVE = [[1, 1, 0, 1, 0], [1, 1, 1, 1, 1]];
const TEMPERATURE = 0.5;

/** `CTCLoss_neg.forward`, image by image, in float64. */
function reference(student: ArrayLike<number>): number {
  let total = 0;
  for (const [i, flags] of POSITIVE.entries()) {
    const positives = flags.filter((flag) => flag === 1).length;
    let sum = 0;
    for (let t = 0; t < 2; t++) {
      const logits = flags.map((_, v) => {
        let along = 0;
        for (let c = 0; c < CHANNELS; c++) {
          along += TEACHER.data[(i * 2 + t) * CHANNELS + c]! *
            student[(i * VIEWS + v) * CHANNELS + c]!;
        }
        return Math.exp(along / TEMPERATURE);
      });
      const negative = logits.reduce((all, logit, v) => all + (flags[v] === 0 ? logit : 0), 0);
      flags.forEach((flag, v) => {
        if (flag === 1) sum -= Math.log(logits[v]! / (logits[v]! + negative + 1e-4));
      });
      sum -= Math.log(1 / (1 + negative + 1e-4));
    }
    total += sum / 2 / (positives + 1e-4);
  }
  return total / POSITIVE.length;
}

const lossOf = (student: tf.Tensor, teacher: tf.Tensor, temperature = TEMPERATURE) =>
  createPlugin(ctcLoss, { temperature }, undefined).then((loss) =>
    loss.compute({
      targets: {},
      views: [],
      provided: { student, teacher, positive: tf.tensor2d(POSITIVE) },
    }, FIRST_STEP)
  );

eachBackend("ctc is the authors' loss, that of an image without negatives too", async () => {
  const tensor = ({ shape, data }: typeof STUDENT) =>
    tf.tensor(Float32Array.from(data), [...shape]);
  const value = await lossOf(tensor(STUDENT), tensor(TEACHER));
  assertAlmostEquals((await value.data())[0]!, reference(STUDENT.data), 2e-6);
  // More alike to the teacher where positive, less where negative.
  const pulled = STUDENT.data.map((x, i) => {
    const image = Math.floor(i / (VIEWS * CHANNELS)), view = Math.floor(i / CHANNELS) % VIEWS;
    const sign = POSITIVE[image]![view] === 1 ? 1 : -1;
    return x + sign * TEACHER.data[image * 2 * CHANNELS + i % CHANNELS]!;
  });
  assert(reference(pulled) < reference(STUDENT.data));
});

Deno.test("ctc has the gradient of its value", async () => {
  const loss = await createPlugin(ctcLoss, {}, undefined);
  await checkGradient(({ student, teacher }) =>
    loss.compute({
      targets: {},
      views: [],
      provided: { student: student!, teacher: teacher!, positive: tf.tensor2d(POSITIVE) },
    }, FIRST_STEP), { student: STUDENT, teacher: TEACHER });
});

const SIZES = { hidden: 6, bottleneck: 5, output: 7 };
const SPECS = projectionSpecs(CHANNELS, SIZES);

Deno.test("the projection is the authors' CTCHead: names, sizes, and a teacher that does not train", () => {
  const specs = projectionSpecs(768, { hidden: 2048, bottleneck: 256, output: 1024 });
  const own = specs.filter(({ name }) => name.startsWith("projection."));
  assertEquals(own.map(({ name, shape }) => [name.slice(11), shape]), [
    ["mlp.0.weight", [768, 2048]],
    ["mlp.0.bias", [2048]],
    ["mlp.2.weight", [2048, 2048]],
    ["mlp.2.bias", [2048]],
    ["mlp.4.weight", [2048, 256]],
    ["mlp.4.bias", [256]],
    ["last_layer.weight_v", [256, 1024]],
  ]);
  assert(own.every(({ trainable }) => trainable));
  assert(specs.slice(own.length).every(({ trainable, role }) => !trainable && role === "buffer"));
});

Deno.test("a projected token has a cosine along each direction, with the right gradient", async () => {
  const tokens = uniform([2, 1, 3, CHANNELS]);
  // Larger than they start: of short vectors the direction turns within the step of the differences.
  const trained = SPECS.filter(({ trainable }) => trainable)
    .map((spec) => ({ ...spec, init: { kind: "normal", std: 1 } as const }));
  await checkGradient(
    ({ tokens }, params) => project(tokens as tf.Tensor4D, params, "projection"),
    { tokens },
    { params: trained },
  );
  const params = ParamStore.create(SPECS, Rng.of(1));
  const scaled = params.get("projection.last_layer.weight_v");
  const given = tf.tensor4d(Float32Array.from(tokens.data), [2, 1, 3, CHANNELS]);
  const before = await project(given, params, "projection").data<"float32">();
  assert(before.every((cosine) => Math.abs(cosine) <= 1 + 1e-6));
  // Directions count, not lengths: weight_g is 1.
  scaled.assign(tf.mul(scaled, 3));
  const after = await project(given, params, "projection").data<"float32">();
  assertNear(after, before, 1e-5, "cosines");
  params.dispose();
});

Deno.test("the teacher begins as a copy and follows by its momentum", async () => {
  const params = ParamStore.create(SPECS, Rng.of(1));
  const read = async (
    which: string,
  ) => [...await params.get(`${which}.mlp.2.weight`).data<"float32">()];
  followProjection(params, 0);
  const first = await read("projection");
  assertEquals(await read("teacher"), first);
  const student = params.get("projection.mlp.2.weight");
  student.assign(tf.add(student, 1));
  followProjection(params, 0.9);
  assertNear(await read("teacher"), first.map((x) => 0.9 * x + 0.1 * (x + 1)), 1e-6, "teacher");
  params.dispose();
});
