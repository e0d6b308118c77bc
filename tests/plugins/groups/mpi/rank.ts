/**
 * One rank of a job that the tests start; what it does is its first argument. Rank 0 prints what it found, as JSON.
 *
 * @module
 */
import { hashBytes } from "../../../../core/run/hash.ts";
import { joinWorld } from "../../../../plugins/groups/mpi/world.ts";
import { MpiGroup } from "../../../../plugins/groups/mpi/group.ts";
import { addTree, numbersOf } from "../numbers.ts";

const [what, ...rest] = Deno.args;
const world = joinWorld();
const group = new MpiGroup(world, Number(rest[0] ?? 60), rest[1] === "f16" ? "f16" : "f32");
const { rank, size } = group;
const say = (value: unknown) =>
  rank === 0 && Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(value)}\n`));

/** What a failing rank does in the middle of a job, on the last rank. */
const FAILURES: Record<string, () => unknown> = {
  kill: () => Deno.kill(Deno.pid, "SIGKILL"),
  exit: () => Deno.exit(3),
  leave: () => Deno.exit(0),
  throw: () => {
    throw new Error("its loss is NaN");
  },
  abort: () => group.abort(new Error("its loss is NaN")),
  stop: () => Deno.kill(Deno.pid, "SIGSTOP"),
  hang: () => new Promise(() => setInterval(() => {}, 1000)),
};

/** Values that ranks exchange. */
async function exchange() {
  const gathered = await group.gather({ rank, text: "ä".repeat(rank), nothing: [] as number[] });
  const absent = await group.gather(rank === 1 ? 1 : undefined);
  const empty = await group.gather(undefined);
  const long = await group.broadcast(rank === 0 ? "x".repeat(3e6) : undefined);
  const given = await group.broadcast({ from: rank });
  const nothing = await group.broadcast(undefined);
  // Two at once: they keep their order.
  const [first, second] = await Promise.all([group.gather(rank), group.gather(-rank)]);
  await group.barrier();
  const here = await group.gather([group.local, group.localSize]);
  const version = world.version;
  return {
    size,
    gathered,
    absent,
    empty,
    long: long?.length,
    given,
    nothing,
    first,
    second,
    here,
    version,
  };
}

/** Sums of numbers of several lengths, and of micro-batches. */
async function addUp() {
  const lengths = [1, 2, 3, 4, 5, 1000, 1001, 7_000_001];
  const sums: Record<number, unknown> = {};
  for (const length of lengths) {
    const data = new Float32Array(length);
    for (let i = 0; i < length; i++) data[i] = (i % 1000) + rank;
    await group.sum(data);
    let wrong = 0;
    for (let i = 0; i < length; i++) {
      if (data[i] !== (i % 1000) * size + size * (size - 1) / 2) wrong++;
    }
    sums[length] = wrong;
  }
  // An aligned run of 8 micro-batches, by the same tree on a rank as over ranks.
  const per = 8 / size;
  const mine = addTree(Array.from({ length: per }, (_, k) => numbersOf(rank * per + k, 1 << 18)));
  await group.sum(mine);
  return { sums, hashes: await group.gather(await hashBytes(new Uint8Array(mine.buffer))) };
}

if (what === "calls") {
  say({ calls: await exchange() });
} else if (what === "values") {
  const calls = await exchange();
  say({ calls, ...await addUp() });
} else if (what === "packed") {
  // Numbers of several chunks, the first three of which are not rounded.
  const data = numbersOf(rank, Number(rest[2]));
  await group.sum(data, 3);
  say({ hashes: await group.gather(await hashBytes(new Uint8Array(data.buffer))) });
} else if (what === "progress") {
  // Rank 1 works for longer than the others wait, and says so.
  const seen = new Set<number>();
  if (rank === 1) {
    for (let done = 1; done <= 30; done++) {
      group.tally(done);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } else if (rank === 0) {
    for (let look = 0; look < 20; look++) {
      seen.add(group.tally(2));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  await group.gather(rank);
  say({ seen: [...seen], after: group.tally(0) });
} else if (what === "alive") {
  let beats = 0;
  const timer = setInterval(() => beats++, 5);
  if (rank === size - 1) await new Promise((resolve) => setTimeout(resolve, 1000));
  await group.barrier();
  clearInterval(timer);
  say({ beats });
} else {
  const data = new Float32Array(100_000).fill(1);
  for (let step = 0; step < 1_000_000; step++) {
    if (step === 5 && rank === size - 1) await FAILURES[what!]!();
    await group.sum(data);
  }
}
await group[Symbol.asyncDispose]();
