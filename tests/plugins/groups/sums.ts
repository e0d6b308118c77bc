import {
  makeSharedMemory,
  SharedMemory,
  type Sum,
} from "../../../plugins/groups/workers/shared_memory.ts";
import { numbersOf } from "./numbers.ts";

/** Sums of real threads, more numbers than fit their memory at a time. @returns what each rank got */
export async function sums(ranks: number, length: number, how: Sum = {}): Promise<Float32Array[]> {
  const memory = makeSharedMemory(ranks);
  const others = Array.from({ length: ranks - 1 }, (_, i) => {
    const worker = new Worker(new URL("./sum_worker.ts", import.meta.url), { type: "module" });
    const { promise, resolve } = Promise.withResolvers<Float32Array>();
    worker.onmessage = ({ data }) => {
      worker.terminate();
      resolve(data);
    };
    worker.postMessage({ memory, rank: i + 1, ranks, length, how });
    return promise;
  });
  const own = numbersOf(0, length);
  await new SharedMemory(memory, 0, ranks).sum(own, ranks, how);
  return [own, ...await Promise.all(others)];
}
