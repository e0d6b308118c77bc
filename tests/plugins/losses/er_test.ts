import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { eachBackend } from "../../backends.ts";
import { assertNear, build, numericalGradient, randomMaps } from "./numeric.ts";
import { er } from "./references.ts";
import { evaluate, makeLoss } from "./setup.ts";
import { FIRST_STEP } from "../../../core/trainer/training_state.ts";

eachBackend("er is the mean absolute difference of the foreground", async () => {
  const a = randomMaps("a", [3, 3, 5, 4], [0, 1]), b = randomMaps("b", [3, 3, 5, 4], [0, 1]);
  const loss = await makeLoss("er");
  const { value, gradients } = await evaluate(
    loss,
    { a, b },
    [[1, 1, 1]],
    ({ a, b }) => ({ views: [], pair: { first: { cam: a! }, second: { cam: b! } } }),
  );
  assertAlmostEquals(value, er(a, b), 1e-7);
  const ofA = (data: Float64Array) => er({ ...a, data }, b);
  const ofB = (data: Float64Array) => er(a, { ...b, data });
  assertNear(gradients["a"]!, numericalGradient(ofA, a.data), 1e-5, "first");
  assertNear(gradients["b"]!, numericalGradient(ofB, b.data), 1e-5, "second");
});

eachBackend("er has no gradient where the views agree", async () => {
  const a = build([1, 2, 2, 3], (_, pixel, c) => pixel * c / 10);
  const loss = await makeLoss("er");
  const { value, gradients } = await evaluate(
    loss,
    { a, b: a },
    [[1, 1]],
    ({ a, b }) => ({ views: [], pair: { first: { cam: a! }, second: { cam: b! } } }),
  );
  assertEquals(value, 0);
  assertEquals([...gradients["a"]!].every((slope) => slope === 0), true);
});

Deno.test("er says what is missing without a pair", async () => {
  const loss = await makeLoss("er");
  assertEquals(loss.needs, ["pair", "cam"]);
  assertThrows(
    () => loss.compute({ targets: {}, views: [] }, FIRST_STEP),
    Error,
    "the method provides none",
  );
});
