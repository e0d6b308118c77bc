import { assertAlmostEquals, assertEquals } from "@std/assert";
import { eachBackend } from "../../backends.ts";
import { assertNear, build, numericalGradient, randomMaps } from "./numeric.ts";
import { minPooling } from "./references.ts";
import { evaluate, makeLoss } from "./setup.ts";

const LABEL = [[1, 0, 0, 1], [0, 0, 1, 0]];

eachBackend("min-pooling is the mean of the weakest quarter, over samples and views", async () => {
  // Positive and negative scores: ReLU comes after the selection.
  const a = randomMaps("a", [2, 5, 7, 5], [-0.2, 1]), b = randomMaps("b", [2, 3, 3, 5], [0, 1]);
  const loss = await makeLoss("min-pooling");
  const { value, gradients } = await evaluate(
    loss,
    { a, b },
    LABEL,
    ({ a, b }) => ({ views: [{ cam_rv: a! }, { cam_rv: b! }] }),
  );
  assertAlmostEquals(value, (minPooling(a, LABEL) + minPooling(b, LABEL)) / 2, 1e-7);
  for (const [name, maps] of Object.entries({ a, b })) {
    const of = (data: Float64Array) => minPooling({ ...maps, data }, LABEL) / 2;
    assertNear(gradients[name]!, numericalGradient(of, maps.data), 1e-5, name);
  }
});

eachBackend("min-pooling gives gradients to exactly a quarter of equal pixels", async () => {
  const a = build([1, 4, 4, 3], () => 0.5);
  const loss = await makeLoss("min-pooling");
  const { value, gradients } = await evaluate(
    loss,
    { a },
    [[1, 1]],
    ({ a }) => ({ views: [{ cam_rv: a! }] }),
  );
  assertAlmostEquals(value, 0.5, 1e-7);
  const moved = [...gradients["a"]!].filter((slope) => slope !== 0);
  assertEquals(moved, [0.25, 0.25, 0.25, 0.25]);
});

eachBackend("min-pooling of an image without labels is 0", async () => {
  const a = randomMaps("none", [1, 3, 3, 3], [0, 1]);
  const loss = await makeLoss("min-pooling");
  const { value, gradients } = await evaluate(
    loss,
    { a },
    [[0, 0]],
    ({ a }) => ({ views: [{ cam_rv: a! }] }),
  );
  assertEquals(value, 0);
  assertEquals([...gradients["a"]!].every((slope) => slope === 0), true);
});
