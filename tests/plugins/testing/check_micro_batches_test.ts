import { assert, assertEquals, assertRejects } from "@std/assert";
import { checkMicroBatches, type MicroBatchesOptions } from "seamstress/testing";
import { drawsByRow, keepsInModule, ofBatch, remembers, sums, sumsMeans } from "./faulty.ts";

const small = { recipe: { dataset: { use: "mini", size: 16 } } };

Deno.test("losses, gradients and what a loss keeps are compared in micro-batches of 1 and 3", async () => {
  const { difference, compared } = await checkMicroBatches({
    ...small,
    plugins: [remembers],
    train: { losses: ["classification", "remembers"] },
  });
  assert(difference > 0 && difference < 1e-5, `${difference}`);
  for (
    const what of [
      "loss remembers in step 2",
      "gradient of fc8.weight in step 1",
      "losses/remembers/squares gathered in step 2",
      "losses/remembers/size behind step 2",
    ]
  ) {
    assert(compared.includes(what), `${what} is not among ${compared.join()}`);
  }
});

const FAULTS: readonly (readonly [string, MicroBatchesOptions, string])[] = [
  ["a sum over samples", { plugins: [sums], train: { losses: ["sums"] } }, "loss sums in step 1"],
  [
    "a draw by a sample's row of the micro-batch",
    { plugins: [drawsByRow], train: { losses: ["draws-by-row"] } },
    "loss draws-by-row in step 1",
  ],
  [
    "means of micro-batches that are gathered as sums",
    { plugins: [sumsMeans], train: { losses: ["sums-means"] } },
    "losses/sums-means/squares gathered in step 1",
  ],
  [
    "a count of calls",
    { plugins: [keepsInModule], train: { losses: ["keeps-in-module"] } },
    "loss keeps-in-module in step 1",
  ],
];

for (const [what, options, message] of FAULTS) {
  Deno.test(`${what} is found`, async () => {
    await assertRejects(
      () => checkMicroBatches({ ...small, ...options }),
      Error,
      `${message} is another in micro-batches of 1 than in the whole batch of 4`,
    );
  });
}

Deno.test("a tolerance that rounding exceeds fails: differences are measured", async () => {
  await assertRejects(() => checkMicroBatches({ ...small, tolerance: 1e-12 }), Error, "off by");
});

Deno.test("what is computed over a batch is refused, and so is a wrong option, as a recipe is", async () => {
  await assertRejects(
    () => checkMicroBatches({ ...small, plugins: [ofBatch], train: { losses: ["of-batch"] } }),
    TypeError,
    "the loss of-batch says that it is computed over batch",
  );
  await assertRejects(
    () => checkMicroBatches({ train: { head: { use: "cam", droput: 0 } } }),
    Error,
    'unknown key "droput" (did you mean "dropout"?)',
  );
});

Deno.test("transforms and data sets of a module are found by its path", async () => {
  const module = new URL("../wsss/loading/loader_plugins.ts", import.meta.url).href;
  const { compared } = await checkMicroBatches({
    ...small,
    plugins: [module],
    sizes: [2],
    steps: 1,
  });
  assertEquals(compared.filter((what) => what.startsWith("loss")), [
    "loss classification in step 1",
  ]);
});
