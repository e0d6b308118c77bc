/** Worker of the test of sums: one rank that adds up its numbers. */
import { SharedMemory } from "../../../plugins/groups/workers/shared_memory.ts";
import { numbersOf } from "./numbers.ts";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent) => Promise<void>;
  postMessage(data: unknown): void;
};

scope.onmessage = async ({ data: { memory, rank, ranks, length, how } }) => {
  const numbers = numbersOf(rank, length);
  await new SharedMemory(memory, rank, ranks).sum(numbers, ranks, how);
  scope.postMessage(numbers);
};
