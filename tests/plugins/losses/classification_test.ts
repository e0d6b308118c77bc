import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { eachBackend } from "../../backends.ts";
import { assertNear, numericalGradient, randomMaps } from "./numeric.ts";
import { classification } from "./references.ts";
import { evaluate, makeLoss } from "./setup.ts";

const LABEL = [[1, 0, 0, 1], [0, 0, 1, 0], [0, 0, 0, 0]];

eachBackend("classification is the mean over views of the soft margin", async () => {
  const a = randomMaps("a", [3, 5, 7, 5], [-3, 3]), b = randomMaps("b", [3, 2, 3, 5], [-30, 30]);
  const loss = await makeLoss("classification");
  const { value, gradients } = await evaluate(
    loss,
    { a, b },
    LABEL,
    ({ a, b }) => ({ views: [{ cam: a! }, { cam: b! }] }),
  );
  const wanted = (classification(a, LABEL) + classification(b, LABEL)) / 2;
  assertAlmostEquals(value, wanted, 1e-6 * Math.abs(wanted));
  for (const [name, maps] of Object.entries({ a, b })) {
    const of = (data: Float64Array) => classification({ ...maps, data }, LABEL) / 2;
    assertNear(gradients[name]!, numericalGradient(of, maps.data), 2e-5, name);
  }
});

eachBackend("classification of one view counts it whole", async () => {
  const a = randomMaps("one", [3, 4, 4, 5]);
  const loss = await makeLoss("classification");
  assertEquals(loss.needs, ["cam"]);
  const { value } = await evaluate(loss, { a }, LABEL, ({ a }) => ({ views: [{ cam: a! }] }));
  assertAlmostEquals(value, classification(a, LABEL), 1e-6);
});

eachBackend(
  "classification reads the output that it is told to, scores of the image too",
  async () => {
    const scores = randomMaps("scores", [3, 1, 1, 5]), cam = randomMaps("cam", [3, 4, 4, 5]);
    const loss = await makeLoss("classification", { output: "class_scores" });
    assertEquals(loss.needs, ["class_scores"]);
    const { value, gradients } = await evaluate(
      loss,
      { scores, cam },
      LABEL,
      ({ scores, cam }) => ({ views: [{ class_scores: scores!, cam: cam! }] }),
    );
    assertAlmostEquals(value, classification(scores, LABEL), 1e-6);
    assertEquals(gradients["cam"], undefined);
  },
);

eachBackend("classification of a named output and of one view alone", async () => {
  const a = randomMaps("first", [3, 4, 4, 5]), b = randomMaps("second", [3, 2, 3, 5]);
  const loss = await makeLoss("classification", { output: "cam_tap", view: 1 });
  assertEquals(loss.needs, ["cam_tap"]);
  const { value, gradients } = await evaluate(
    loss,
    { a, b },
    LABEL,
    ({ a, b }) => ({ views: [{ cam_tap: a! }, { cam: a!, cam_tap: b! }] }),
  );
  assertAlmostEquals(value, classification(b, LABEL), 1e-6);
  assert(gradients["a"] === undefined || gradients["a"].every((slope) => slope === 0));
});

eachBackend("a view that the method does not give is named", async () => {
  const a = randomMaps("one", [3, 4, 4, 5]);
  const loss = await makeLoss("classification", { view: 1 });
  await assertRejects(
    () => evaluate(loss, { a }, LABEL, ({ a }) => ({ views: [{ cam: a! }] })),
    RangeError,
    "Cannot classify view 1: the method gives 1, from 0",
  );
});
