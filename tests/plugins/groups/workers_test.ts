import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Recipe } from "../../../core/recipe/schema.ts";
import { Hub } from "../../../plugins/groups/workers/hub.ts";
import { Inbox } from "../../../plugins/groups/workers/inbox.ts";
import { addTree, numbersOf } from "./numbers.ts";
import { sums } from "./sums.ts";

for (const ranks of [2, 3, 5]) {
  Deno.test(`${ranks} threads add up numbers as a balanced tree does, each with all sums`, async () => {
    const length = (1 << 20) + 7;
    const numbers = Array.from({ length: ranks }, (_, rank) => numbersOf(rank, length));
    const wanted = addTree(numbers);
    const fold = numbers.reduce((sum, part) => sum.map((value, i) => value + part[i]!));
    for (const found of await sums(ranks, length)) {
      assert(found.every((value, i) => value === wanted[i]));
    }
    // The order matters for these numbers, where there is another one.
    if (ranks > 3) assert(fold.some((value, i) => value !== wanted[i]));
  });
}

/** What a rank is started with; it fails before it reads the recipe. */
const options = (module: string) => ({
  recipe: { limits: { pixels: 1, nodes: 1 } } as Recipe,
  base: "/",
  modules: [module],
  workerModules: [],
});

Deno.test("a rank whose plugins do not load rejects what the others wait for, now and later", async () => {
  await using group = Hub.start(options("file:///no/such/module.ts"), 3);
  const says = "Cannot load plugins from file:///no/such/module.ts";
  await assertRejects(() => group.gather(1), TypeError, says);
  await assertRejects(() => group.barrier(), TypeError, says);
  await assertRejects(() => group.broadcast(1), TypeError, says);
  await assertRejects(() => group.sum(new Float32Array(1)), TypeError, says);
  assertThrows(() => group.check(), TypeError, says);
});

Deno.test("a group that was ended tells why", async () => {
  const group = Hub.start(options("file:///no/such/module.ts"), 2);
  group.abort(new RangeError("rank 0 gave up"));
  await assertRejects(() => group.gather(1), RangeError, "rank 0 gave up");
});

Deno.test("ranks that are in different calls are told so", async () => {
  const inbox = new Inbox("rank 1");
  inbox.put({ type: "exchange", call: "sum", value: 3 });
  await assertRejects(
    () => inbox.next("gather"),
    Error,
    "The ranks do not go together: rank 1 is in sum, not gather",
  );
  const waiting = inbox.next("sum");
  inbox.put({ type: "exchange", call: "sum", value: 4 });
  assertEquals(await waiting, 4);
});
