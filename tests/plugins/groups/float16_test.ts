import { assert, assertEquals } from "@std/assert";
import { hashBytes } from "../../../core/run/hash.ts";
import { decodeSafetensors } from "../../../plugins/formats/safetensors.ts";
import { pack, packedWords, unpack } from "../../../plugins/groups/float16_blocks.ts";
import { inTempFolder } from "../../command.ts";
import { mpiTest, OPEN_MPI, RANK_PERMISSIONS, runJob } from "./mpi/job.ts";
import { trained, writeRecipe } from "./mpi/training.ts";
import { addTree, numbersOf } from "./numbers.ts";
import { filesOf, runGroup, TRAINING } from "./setup.ts";
import { sums } from "./sums.ts";

/** What is left of numbers that travelled packed. */
function travelled(numbers: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const packed = new Float32Array(packedWords(numbers.length));
  pack(numbers, packed);
  const again = new Float32Array(numbers.length);
  unpack(packed, again);
  return again;
}

Deno.test("packed numbers keep 11 bits whatever their size, zeros, infinities and NaN what they are", () => {
  for (const size of [1e-37, 1e-12, 1, 1e12, 1e35]) {
    const numbers = numbersOf(1, 1000).map((x) => x * size);
    const again = travelled(numbers);
    const largest = numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    for (const [i, x] of numbers.entries()) {
      const bound = Math.max(Math.abs(x) * 2 ** -11, largest * 2 ** -39);
      assert(Math.abs(again[i]! - x) <= bound, `${x} became ${again[i]}`);
    }
    assert(again.some((x, i) => x !== numbers[i]), "nothing was rounded");
  }
  assertEquals([...travelled(new Float32Array([0, -0, 5]))], [0, -0, 5]);
  assertEquals(
    [...travelled(new Float32Array([Infinity, NaN, -Infinity, 2]))],
    [Infinity, NaN, -Infinity, 2],
  );
  // Numbers of one block say nothing about the next.
  const far = new Float32Array(512).fill(1e-20).fill(1e20, 256);
  assert(travelled(far).every((x, i) => Math.abs(x / far[i]! - 1) < 2 ** -11));
});

/** Numbers that are not rounded, at the beginning. */
const EXACT = 3;

/** What ranks must get: each one's numbers rounded, added up as a balanced tree, and rounded again. */
function expected(ranks: number, length: number): Float32Array<ArrayBuffer> {
  const numbers = Array.from({ length: ranks }, (_, rank) => numbersOf(rank, length));
  const rounded = numbers.map((each) => travelled(each.slice(EXACT)));
  const sum = addTree(numbers);
  sum.set(travelled(addTree(rounded)), EXACT);
  return sum;
}

/** More than one chunk of either group, and a part of a block. */
const LENGTH = (1 << 21) + 77;

for (const ranks of [2, 3]) {
  Deno.test(`${ranks} threads add up what travels as float16, but for the first numbers`, async () => {
    const wanted = expected(ranks, LENGTH);
    for (const found of await sums(ranks, LENGTH, { wire: "f16", exact: EXACT })) {
      assert(found.every((x, i) => x === wanted[i]));
    }
  });
}

mpiTest("2 MPI ranks add up what travels as float16 to the bits of threads", async (mpi) => {
  const { code, out, err } = await runJob({
    mpi,
    ranks: 2,
    deno: [
      ...RANK_PERMISSIONS,
      "tests/plugins/groups/mpi/rank.ts",
      ...["packed", "60", "f16", `${LENGTH}`],
    ],
  });
  assertEquals(code, 0, err);
  const hash = await hashBytes(new Uint8Array(expected(2, LENGTH).buffer));
  assertEquals(JSON.parse(out), { hashes: [hash, hash] });
});

/** The last weights of a run. */
async function weights(run: string) {
  const path = `${run}/stages/seam/checkpoints/last-4.safetensors`;
  return decodeSafetensors(await Deno.readFile(path), path).tensors;
}

Deno.test("a training whose gradients travel as float16 ends near the one without, and is told apart", async () => {
  await inTempFolder(async (folder) => {
    const [plain, rounded] = [`${folder}/plain`, `${folder}/rounded`];
    await runGroup(plain, { recipe: TRAINING, count: 2 });
    await runGroup(rounded, { recipe: TRAINING, count: 2, set: ["group.wire=f16"] });
    const [a, b] = [await weights(plain), await weights(rounded)];
    let [apart, moved] = [0, 0];
    for (const [name, { data }] of a) {
      const other = b.get(name)!.data as Float32Array;
      for (const [i, x] of (data as Float32Array).entries()) {
        apart += (x - other[i]!) ** 2;
        moved += x ** 2;
      }
    }
    const error = Math.sqrt(apart / moved);
    assert(error > 0 && error < 1e-3, `the weights are ${error} apart`);
  });
});

mpiTest(
  "a training over MPI whose gradients travel as float16 has the bits of threads",
  async (mpi) => {
    await inTempFolder(async (folder) => {
      await writeRecipe(folder);
      const args = ["--set", "group.wire=f16"];
      const over = await trained({ mpi, ranks: 2, run: `${folder}/mpi`, args });
      const set = ["group.wire=f16", "epochs=4", "seam.checkpointEvery=1"];
      await runGroup(`${folder}/threads`, { recipe: TRAINING, count: 2, set });
      assertEquals(over, await filesOf(`${folder}/threads`, "seam"));
    });
  },
  [OPEN_MPI],
);
