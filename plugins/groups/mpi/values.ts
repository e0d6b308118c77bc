import { finish, int32 } from "./finish.ts";
import type { World } from "./world.ts";

/** MPI counts in 32 bits. */
const MAX_BYTES = 2 ** 31 - 1;

/** MPI takes no null pointer, which Deno gives for an empty array, even where nothing is sent. */
const NOTHING = new Uint8Array(1);

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value) ?? "");

function decode<T>(bytes: Uint8Array): T {
  const text = new TextDecoder().decode(bytes);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

function refuseLong(bytes: number): void {
  if (bytes <= MAX_BYTES) return;
  throw new RangeError(`Cannot exchange ${bytes} bytes of values: MPI sends at most ${MAX_BYTES}`);
}

/** A whole number of every rank, by rank. */
async function gatherNumbers(
  { calls, abi, size }: World,
  value: number,
): Promise<Int32Array<ArrayBuffer>> {
  const [mine, all] = [int32(1), int32(size)];
  mine[0] = value;
  await finish(
    "MPI_Allgather",
    calls.MPI_Allgather(mine, 4, abi.byte, all, 4, abi.byte, abi.world),
    mine,
    all,
  );
  return all;
}

/**
 * Gives every rank each rank's value.
 *
 * @param world the ranks
 * @param value what JSON can hold, or nothing
 * @returns the values by rank
 */
export async function gatherValues<T>(world: World, value: T): Promise<readonly T[]> {
  const { calls, abi, size } = world;
  const mine = encode(value);
  refuseLong(mine.length);
  const lengths = await gatherNumbers(world, mine.length);
  const places = int32(size);
  let total = 0;
  for (const [rank, length] of lengths.entries()) {
    places[rank] = total;
    total += length;
    refuseLong(total);
  }
  const all = new Uint8Array(Math.max(1, total));
  const sent = mine.length > 0 ? mine : NOTHING;
  await finish(
    "MPI_Allgatherv",
    calls.MPI_Allgatherv(
      ...[sent, mine.length, abi.byte, all, lengths, places, abi.byte, abi.world] as const,
    ),
    ...[sent, all, lengths, places],
  );
  return Array.from(lengths, (length, rank) => {
    const from = places[rank]!;
    return decode<T>(all.subarray(from, from + length));
  });
}

/**
 * Gives every rank the value of rank 0.
 *
 * @param world the ranks
 * @param value what JSON can hold, or nothing; only rank 0's is looked at
 */
export async function broadcastValue<T>(world: World, value: T): Promise<T> {
  const { calls, abi, rank } = world;
  const mine = rank === 0 ? encode(value) : new Uint8Array(0);
  refuseLong(mine.length);
  const length = int32(1);
  length[0] = mine.length;
  await finish("MPI_Bcast", calls.MPI_Bcast(length, 4, abi.byte, 0, abi.world), length);
  if (length[0] === 0) return decode<T>(NOTHING.subarray(1));
  const bytes = rank === 0 ? mine : new Uint8Array(length[0]);
  await finish("MPI_Bcast", calls.MPI_Bcast(bytes, bytes.length, abi.byte, 0, abi.world), bytes);
  return decode<T>(bytes);
}
