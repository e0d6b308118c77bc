import { assert, assertAlmostEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { Loss } from "../../../core/contracts/loss.ts";
import { type PairKind, pairTarget } from "../../../plugins/wsss/pairs/pair_labels.ts";
import { backends, eachBackend } from "../../backends.ts";
import { assertNear, type Maps, mean, numericalGradient, randomMaps } from "../losses/numeric.ts";
import { makeLoss, tensorOf } from "../losses/setup.ts";
import { FIRST_STEP } from "../../../core/trainer/training_state.ts";

const SHAPE = [3, 2, 5, 7] as const;
const KINDS = ["background", "foreground", "negative"] as const;
const WEIGHTS = { background: 0.25, foreground: 0.25, negative: 0.5 } as const;
type Labels = Readonly<Record<PairKind, Maps>>;

const affinity = randomMaps("affinity", SHAPE, [0, 1]);
const labels = labelled((i) => ["background", "foreground", "negative", undefined][i % 4]);

/** Marks pairs by the kind that `kindOf` gives for a random number. */
function labelled(kindOf: (random: number, sample: number) => string | undefined): Labels {
  const { data } = randomMaps("kinds", SHAPE, [0, 1e6]);
  const kinds = [...data].map((value, i) => kindOf(Math.floor(value), Math.floor(i / 70)));
  const of = (kind: PairKind) => ({
    shape: SHAPE,
    data: Float64Array.from(kinds, (found) => Number(found === kind)),
  });
  return { background: of("background"), foreground: of("foreground"), negative: of("negative") };
}

/** −Σ label·log(aff + 1e-5) / (Σ label + 1e-5) over a range of elements. */
function entropy(kind: PairKind, aff: Float64Array, label: Float64Array): number {
  let sum = 0, count = 1e-5;
  label.forEach((mark, i) => {
    sum -= mark * Math.log(kind === "negative" ? 1 + 1e-5 - aff[i]! : aff[i]! + 1e-5);
    count += mark;
  });
  return sum / count;
}

function reference(kind: PairKind, aff: Float64Array, { [kind]: { data } }: Labels, over: string) {
  if (over === "batch") return entropy(kind, aff, data);
  return mean(
    [0, 70, 140].map((from) =>
      entropy(kind, aff.subarray(from, from + 70), data.subarray(from, from + 70))
    ),
  );
}

async function evaluate(loss: Loss, aff: Maps, marks: Labels) {
  const x = tensorOf(aff);
  const targets = Object.fromEntries(
    KINDS.map((kind) => [pairTarget(kind), tensorOf(marks[kind])]),
  );
  const before = tf.memory().numTensors;
  const { value, grad } = tf.valueAndGrad((x) =>
    loss.compute({ targets, views: [{ affinity: x as tf.Tensor4D }] }, FIRST_STEP)
  )(x);
  const result = { value: (await value.data())[0]!, gradient: await grad.data() };
  tf.dispose([value, grad]);
  assert(tf.memory().numTensors === before, "tensors were left behind");
  tf.dispose([x, targets]);
  return result;
}

for (const over of ["image", "batch"]) {
  eachBackend(`affinity, mean over the ${over}, is right in value and gradient`, async () => {
    for (const pairs of ["all", ...KINDS] as const) {
      const of = (aff: Float64Array) =>
        pairs === "all"
          ? KINDS.reduce((sum, kind) => sum + WEIGHTS[kind] * reference(kind, aff, labels, over), 0)
          : reference(pairs, aff, labels, over);
      const loss = await makeLoss("affinity", { pairs, mean: over });
      const { value, gradient } = await evaluate(loss, affinity, labels);
      assertAlmostEquals(value, of(affinity.data), 2e-6);
      assertNear(gradient, numericalGradient(of, affinity.data), 1e-4, pairs);
    }
  });
}

eachBackend("affinity is finite at 0 and 1 and 0 without pairs", async () => {
  const loss = await makeLoss("affinity");
  for (const level of [0, 1]) {
    const flat = { shape: SHAPE, data: affinity.data.map(() => level) };
    const { value, gradient } = await evaluate(loss, flat, labels);
    const wanted = KINDS.reduce(
      (sum, kind) => sum + WEIGHTS[kind] * reference(kind, flat.data, labels, "image"),
      0,
    );
    assertAlmostEquals(value, wanted, 1e-5);
    assert(gradient.every(Number.isFinite));
  }
  const none = await evaluate(loss, affinity, labelled(() => undefined));
  assert(none.value === 0 && none.gradient.every((slope) => slope === 0));
});

Deno.test("affinity is the images' mean unless told otherwise", async () => {
  await backends.wasm.prepare();
  const uneven = labelled((i, sample) => i % (1 + 9 * sample) === 0 ? "foreground" : undefined);
  const { value } = await evaluate(await makeLoss("affinity"), affinity, uneven);
  const [image, batch] = ["image", "batch"].map((over) =>
    reference("foreground", affinity.data, uneven, over) / 4
  );
  assertAlmostEquals(value, image!, 1e-6);
  assert(Math.abs(image! - batch!) > 1e-3);
});

Deno.test("affinity says what is missing", async () => {
  await backends.wasm.prepare();
  await assertRejects(() => makeLoss("affinity", { pairs: "some" }), Error, "pairs");
  const loss = await makeLoss("affinity");
  assertThrows(
    () =>
      loss.compute({
        targets: { label: tf.ones([1, 3]) },
        views: [{ affinity: tensorOf(affinity) }],
      }, FIRST_STEP),
    Error,
    "Cannot compute the affinity loss on background pairs: the method gave targets label",
  );
});
