/** Worker of the test of sums: one rank that adds up its numbers. */
import { SharedMemory } from "../../../plugins/groups/workers/shared_memory.ts";
import { numbersOf } from "./numbers.ts";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent) => void;
  postMessage(data: unknown): void;
};

scope.onmessage = ({ data: { memory, rank, ranks, length } }) => {
  const numbers = numbersOf(rank, length);
  new SharedMemory(memory, rank, ranks).sum(numbers, ranks);
  scope.postMessage(numbers);
};
