import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Memory } from "../../../../core/contracts/backend.ts";
import { chooseMicro, type MicroChoice, microOf } from "../../../../plugins/stages/train/micro.ts";

const GB = 1e9;

/** A step that holds 2 GB, 1 GB an image, and gradients for each sum of them where they add up, of 0.5 GB unless given. */
function choice(change: {
  readonly memory?: number;
  readonly size?: number;
  readonly micro?: number | "auto";
  readonly statistics?: number | "batch";
  readonly recompute?: "blocks";
  readonly gradients?: number;
  readonly ranks?: number;
  readonly overBatch?: boolean;
  readonly localRanks?: number;
  readonly machine?: number;
  readonly backend?: "wasm" | "webgpu";
}): MicroChoice {
  const {
    memory,
    size = 8,
    micro = "auto",
    statistics,
    recompute,
    gradients = 0.5,
    ranks = 1,
    overBatch = false,
    localRanks,
    machine,
    backend = "webgpu",
  } = change;
  const known: Memory | undefined = memory === undefined
    ? undefined
    : { bytes: memory * GB, from: "a test", counts: "allocated" };
  return {
    id: "seam",
    settings: { batch: { size, micro }, recompute },
    parts: {
      backbone: {},
      head: statistics === undefined ? {} : { statistics },
      method: {},
      losses: [],
    },
    backend: { name: backend, ...known && { memory: known } },
    held: (size, micro) => {
      const bytes = (2 + micro + (micro < size ? gradients : 0)) * GB;
      return Promise.resolve({ used: 0, allocated: bytes });
    },
    gradientBytes: gradients * GB,
    ranks,
    localRanks,
    ...machine !== undefined && { machine: { bytes: 2 * machine * GB, forTensors: machine * GB } },
    overBatch,
  };
}

async function chosen(...args: Parameters<typeof choice>): Promise<number | undefined> {
  return (await chooseMicro(choice(...args)))["batch.micro"];
}

Deno.test("the largest micro-batch that fits is chosen", async () => {
  // 8 micro-batches hold 3 sums, 4 hold 2, 2 hold 1.
  assertEquals(await chosen({ memory: 4.5 }), 1);
  assertEquals(await chosen({ memory: 4.9 }), 1);
  assertEquals(await chosen({ memory: 5 }), 2);
  assertEquals(await chosen({ memory: 5.5 }), 3);
  assertEquals(await chosen({ memory: 7.7 }), 5);
  assertEquals(await chosen({ memory: 9.9 }), 7);
});

Deno.test("larger micro-batches are tried where the sums of the smallest do not fit", async () => {
  // In GB: 1 → 2 + 1 + 3·3, 2 → 2 + 2 + 2·3, 4 → 2 + 4 + 3, 8 → 10.
  assertEquals(await chosen({ memory: 9.9, gradients: 3 }), 4);
});

Deno.test("a whole batch adds up no gradients", async () => {
  assertEquals(await chosen({ memory: 10 }), 8);
  assertEquals(await chosen({ memory: 3, size: 1 }), 1);
});

Deno.test("nothing is chosen where the recipe says, and the batch where nothing bounds it", async () => {
  assertEquals(await chosen({ memory: 1, micro: 3 }), undefined);
  assertEquals(await chosen({}), 8);
});

Deno.test("ranks share what the recipe leaves open", async () => {
  assertEquals(await chosen({ ranks: 2 }), 4);
  assertEquals(await chosen({ ranks: 3 }), 4);
  assertEquals(await chosen({ ranks: 64 }), 1);
  assertEquals(await chosen({ ranks: 2, micro: 3 }), undefined);
  // Batch norm of the whole batch cannot be shared, nor a loss that is a mean over it.
  assertEquals(await chosen({ ranks: 2, overBatch: true }), 8);
  assertEquals(await chosen({ ranks: 2, statistics: "batch" }), 8);
  // 4 samples a rank: 2 + 3 + 0.5 GB would fit, but 3 micro-batches are not for 2 ranks.
  assertEquals(await chosen({ ranks: 2, memory: 5.9 }), 2);
  assertEquals(await chosen({ ranks: 2, memory: 6 }), 4);
});

Deno.test("a head's statistics leave no choice", async () => {
  assertEquals(await chosen({ memory: 100, statistics: 4 }), 4);
  assertEquals(await chosen({ statistics: 4 }), 4);
  assertEquals(await chosen({ memory: 100, statistics: "batch" }), 8);
  await assertRejects(() => chosen({ memory: 6, statistics: 4 }), RangeError, "micro-batch 4");
});

Deno.test("what does not fit is refused with numbers and ways out", async () => {
  const error = await assertRejects(() => chosen({ memory: 4.4 }), RangeError);
  assertEquals(
    error.message,
    "Cannot plan stage seam: a step of micro-batch 1 would hold 4.5 GB, backend webgpu offers 4.4 GB (a test); " +
      "set recompute: blocks, or lower the crop size in transforms, or set backend.memory to what the card has",
  );
  const again = await assertRejects(() => chosen({ memory: 3, recompute: "blocks" }), RangeError);
  assertEquals(again.message.includes("recompute"), false);
});

Deno.test("a micro-batch is the recipe's, the batch, or what was chosen", () => {
  assertEquals(microOf({ batch: { size: 8, micro: 2 } }, undefined), 2);
  assertEquals(microOf({ batch: { size: 8, micro: 2 } }, { "batch.micro": 3 }), 2);
  assertEquals(microOf({ batch: { size: 8 } }, { "batch.micro": 4 }), 4);
  assertEquals(microOf({ batch: { size: 8 } }, undefined), 8);
  assertEquals(microOf({ batch: { size: 8, micro: "auto" } }, { "batch.micro": 3 }), 3);
  assertThrows(() => microOf({ batch: { size: 8, micro: "auto" } }, undefined), Error);
});

Deno.test("ranks of a machine divide its memory, where tensors are in it", async () => {
  const two = { memory: 100, size: 8, ranks: 2, backend: "wasm" } as const;
  assertEquals(await chosen(two), 4);
  // 2 GB and one an image: 6 GB for each rank's four.
  assertEquals(await chosen({ ...two, machine: 12 }), 4);
  assertEquals(await chosen({ ...two, machine: 11 }), 2);
  // The other is on another machine, or tensors are on a card.
  assertEquals(await chosen({ ...two, machine: 11, localRanks: 1 }), 4);
  assertEquals(await chosen({ ...two, machine: 11, backend: "webgpu" }), 4);
  await assertRejects(
    () => chosen({ ...two, machine: 4 }),
    RangeError,
    "backend wasm offers 2.0 GB (what a machine of 8.0 GB has for tensors, divided among 2 ranks)",
  );
});
