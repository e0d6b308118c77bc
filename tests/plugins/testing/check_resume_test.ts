import { assert, assertEquals, assertRejects } from "@std/assert";
import { checkResume } from "seamstress/testing";
import { drawsFromNowhere, keepsInClosure, keepsInModule, remembers } from "./faulty.ts";

const small = { recipe: { dataset: { use: "mini", size: 16 } } };

Deno.test("a loss with state in its parameters ends with the same bits, broken off anywhere", async () => {
  const { steps, tensors } = await checkResume({
    ...small,
    plugins: [remembers],
    train: { losses: ["classification", "remembers"], maxSteps: 6 },
    after: [1, 4],
  });
  assertEquals(steps, 6);
  for (const name of ["fc8.weight", "kept across steps/losses/remembers/size"]) {
    assert(tensors.includes(name), tensors.join());
  }
});

for (
  const [what, plugin] of [
    ["a closure", keepsInClosure],
    ["a module", keepsInModule],
  ] as const
) {
  Deno.test(`state of ${what} is found`, async () => {
    await assertRejects(
      () => checkResume({ ...small, plugins: [plugin], train: { losses: [plugin.name] } }),
      Error,
      `computes other numbers: the loss ${plugin.name} of step`,
    );
  });
}

Deno.test("random numbers from elsewhere than the streams are found", async () => {
  await assertRejects(
    () =>
      checkResume({
        ...small,
        plugins: [drawsFromNowhere],
        train: { losses: ["draws-from-nowhere"] },
      }),
    Error,
    "is resumed computes other numbers",
  );
});

Deno.test("a training that is over before it is broken off is no check", async () => {
  await assertRejects(
    () => checkResume({ ...small, train: { maxSteps: 3 } }),
    Error,
    "Cannot break off after step 3: the training has 3 steps",
  );
});

Deno.test("a training that fails by itself fails the check", async () => {
  const train = { losses: ["nothing-of-that-name"] };
  await assertRejects(() => checkResume({ ...small, train }), Error, "unknown loss");
});
