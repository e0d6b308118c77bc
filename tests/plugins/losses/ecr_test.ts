import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { eachBackend } from "../../backends.ts";
import { assertNear, build, type Maps, numericalGradient, randomMaps } from "./numeric.ts";
import { ecrDirection, target } from "./references.ts";
import { evaluate, makeLoss } from "./setup.ts";

const SHAPE = [2, 3, 5, 6] as const;
const inputs = {
  cam1: randomMaps("cam1", SHAPE, [0, 1]),
  rv1: randomMaps("rv1", SHAPE, [0, 1]),
  cam2: randomMaps("cam2", SHAPE, [0, 1]),
  rv2: randomMaps("rv2", SHAPE, [0, 1]),
};

/** The revised CAM of each view, and what it is compared with. */
const directions = { rv1: target(inputs.cam2), rv2: target(inputs.cam1) };

async function evaluateEcr(
  maps: Readonly<Record<string, Maps>>,
  options: Readonly<Record<string, unknown>> = {},
) {
  return await evaluate(
    await makeLoss("ecr", options),
    maps,
    [[1]],
    ({ cam1, rv1, cam2, rv2 }) => ({
      views: [],
      pair: { first: { cam: cam1!, cam_rv: rv1! }, second: { cam: cam2!, cam_rv: rv2! } },
    }),
  );
}

for (const [options, part] of [[{}, 0.2], [{ ohem: 0.07 }, 0.07], [{ ohem: false }, 1]] as const) {
  eachBackend(`ecr of the hardest ${part} is right in value and gradient`, async () => {
    const { value, gradients } = await evaluateEcr(inputs, options);
    let wanted = 0;
    for (const [name, goal] of Object.entries(directions)) {
      const revised = inputs[name as keyof typeof directions];
      const of = (data: Float64Array) => ecrDirection(goal, { ...revised, data }, part);
      wanted += of(revised.data);
      assertNear(gradients[name]!, numericalGradient(of, revised.data), 1e-5, name);
    }
    assertAlmostEquals(value, wanted, 1e-6);
  });
}

eachBackend("ecr gives the original CAMs no gradient", async () => {
  const { gradients } = await evaluateEcr(inputs);
  assertEquals([gradients["cam1"], gradients["cam2"]], [undefined, undefined]);
});

eachBackend("ecr counts exactly the asked-for part of equal differences", async () => {
  const flat = (value: number) => build([2, 5, 2, 3], () => value);
  // All classes are strongest and kept; every difference to 0.75 is 0.25.
  const tied = { cam1: flat(0.5), rv1: flat(0.75), cam2: flat(0.5), rv2: flat(0.75) };
  const { value, gradients } = await evaluateEcr(tied);
  assertAlmostEquals(value, 0.5, 1e-7);
  const part = [...gradients["rv1"]!].filter((slope) => slope !== 0);
  assertEquals(part.length, 2 * Math.trunc(30 * 0.2));
  for (const slope of part) assertAlmostEquals(slope, 1 / 12, 1e-7);
});

Deno.test("ecr refuses a part above 1", async () => {
  await assertRejects(() => makeLoss("ecr", { ohem: 1.5 }), TypeError, "ohem");
});
