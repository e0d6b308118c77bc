import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { hashBytes } from "../../../core/run/hash.ts";
import { inTempFolder } from "../../command.ts";
import { abiOf } from "../../../plugins/groups/mpi/abi.ts";
import { type Mpi, MPICH, mpiTest, OPEN_MPI, RANK_PERMISSIONS, runJob } from "./mpi/job.ts";
import { addTree, numbersOf } from "./numbers.ts";

const RANK = "tests/plugins/groups/mpi/rank.ts";

/** What rank 0 of a job of `rank.ts` found. */
async function found(mpi: Mpi, ranks: number, ...what: string[]) {
  const { code, out, err } = await runJob({
    mpi,
    ranks,
    deno: [...RANK_PERMISSIONS, RANK, ...what],
  });
  assertEquals(code, 0, err);
  return JSON.parse(out);
}

/** What ranks exchanged and added up, by launcher and number of ranks: two tests look at one job. */
const jobs = new Map<string, ReturnType<typeof found>>();

/** Lets ranks exchange values and add numbers up. */
function values(mpi: Mpi, size: number) {
  const key = `${mpi.mpirun} ${size}`;
  const job = jobs.get(key) ?? found(mpi, size, "values");
  jobs.set(key, job);
  return job;
}

mpiTest("1, 2 and 4 ranks exchange values and wait for each other", async (mpi) => {
  for (const size of [1, 2, 4]) {
    const ranks = Array.from({ length: size }, (_, rank) => rank);
    const { version, ...rest } = (await values(mpi, size)).calls;
    assertMatch(version, mpi.version);
    assertEquals(rest, {
      size,
      gathered: ranks.map((rank) => ({ rank, text: "ä".repeat(rank), nothing: [] })),
      absent: ranks.map((rank) => rank === 1 ? 1 : null),
      empty: ranks.map(() => null),
      long: 3e6,
      given: { from: 0 },
      first: ranks,
      second: ranks.map((rank) => 0 - rank),
      here: ranks.map((rank) => [rank, size]),
    });
  }
});

mpiTest("sums over 1, 2 and 4 ranks are right, and have the same bits", async (mpi) => {
  const micros = Array.from({ length: 8 }, (_, micro) => numbersOf(micro, 1 << 18));
  const hash = (numbers: Float32Array<ArrayBuffer>) => hashBytes(new Uint8Array(numbers.buffer));
  const expected = await hash(addTree(micros));
  const inTurn = micros.reduce((sum, part) => sum.map((x, i) => x + part[i]!));
  assertNotEquals(
    await hash(inTurn),
    expected,
    "the order changes nothing: the test shows nothing",
  );
  for (const size of [1, 2, 4]) {
    const { sums, hashes } = await values(mpi, size);
    for (const [length, wrong] of Object.entries(sums)) {
      assertEquals(wrong, 0, `${size} ranks: ${wrong} of ${length} elements are wrong`);
    }
    assertEquals(hashes, Array(size).fill(expected));
  }
});

mpiTest("a rank that waits for another keeps its event loop", async (mpi) => {
  const { beats } = await found(mpi, 2, "alive");
  assert(beats >= 10, `${beats} timer events in a second`);
});

mpiTest(
  "ranks that wait hear how far the others are, and wait for as long as they get on",
  async (mpi) => {
    const { seen, after } = await found(mpi, 3, "progress", "1");
    assert(seen.length >= 3, `rank 0 saw ${seen}`);
    assertEquals(seen, seen.toSorted((a: number, b: number) => a - b));
    assert(seen[0] === 2 && seen.at(-1) > 10 && seen.at(-1) <= 32, `rank 0 saw ${seen}`);
    assertEquals(after, 0, "what was done before values were exchanged still counts");
  },
);

/** How a rank may fail, and the exit codes that one mpirun or the other then gives. */
const FAILURES: Readonly<Record<string, readonly number[]>> = {
  kill: [137, 9],
  exit: [3],
  throw: [1, 9],
  abort: [1],
};

/** One kind of MPI after the other: each has its share of what ends a job. */
const inTurn = (i: number) => [[OPEN_MPI, MPICH][i % 2]!];

for (const [i, [how, codes]] of Object.entries(FAILURES).entries()) {
  mpiTest(`a rank that ends by "${how}" ends the job in seconds`, async (mpi) => {
    const { code, err, seconds } = await runJob({
      mpi,
      ranks: 2,
      deno: [...RANK_PERMISSIONS, "--allow-run", RANK, how, "300"],
    });
    assert(codes.includes(code), `exit code ${code}: ${err}`);
    assert(seconds < 60, `the job went on for ${seconds} s`);
    if (how === "throw") assertMatch(err, /Uncaught .*its loss is NaN/);
    if (how === "abort") assertMatch(err, /rank 1 of 2 ends the MPI job: Error: its loss is NaN/);
  }, inTurn(i));
}

for (const [i, how] of ["hang", "stop", "leave"].entries()) {
  mpiTest(`a rank that ${how}s ends the job when the others waited too long`, async (mpi) => {
    const { code, err, seconds } = await runJob({
      mpi,
      ranks: 2,
      deno: [...RANK_PERMISSIONS, "--allow-run", RANK, how, "2"],
    });
    assertEquals(code, 1);
    assertMatch(
      err,
      /rank 0 of 2 ends the MPI job: waited 2 s for a sum without a sign of the other ranks: one hangs/,
    );
    assert(seconds < 60, `the job went on for ${seconds} s`);
  }, inTurn(i));
}

const JOIN = "tests/plugins/groups/mpi/join.ts";
const [NO_PROMPT, ALLOW_FFI, ALLOW_ENV] = RANK_PERMISSIONS;

/** Joins without a launcher. @returns what it printed */
async function join(permissions: readonly string[], options: object) {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...permissions, JOIN, JSON.stringify(options)],
    env: { NO_COLOR: "1" },
  }).output();
  return { code, out: new TextDecoder().decode(stdout) };
}

Deno.test("a rank says which permission it lacks", async () => {
  const blind = await join([NO_PROMPT, ALLOW_FFI], {});
  assertEquals(blind.code, 1);
  assertMatch(
    blind.out,
    /variable OMPI_COMM_WORLD_SIZE is not allowed; start ranks with\n {2}mpirun/,
  );
  const tied = await join([NO_PROMPT, ALLOW_ENV], {});
  assertEquals(tied.code, 1);
  assertMatch(tied.out, /native code is not allowed here.*\n.*run-mpi RECIPE\n.*--allow-ffi/);
});

Deno.test("a rank without an MPI library names what was tried, and the packages", async () => {
  const absent = await join(RANK_PERMISSIONS, { library: "libnowhere.so.1" });
  assertEquals(absent.code, 1);
  assertMatch(
    absent.out,
    /tried libnowhere\.so\.1 .*openmpi-bin.*libopenmpi3.*mpich.*group\.library/,
  );
  const other = await join(RANK_PERMISSIONS, { library: "libm.so.6" });
  assertEquals(other.code, 1);
  assertMatch(other.out, /tried libm\.so\.6 .*symbol.*MPI_/);
});

Deno.test("an MPI library of an unknown kind is refused, known ones are told apart", () => {
  assertThrows(
    () => abiOf("libmpi.so.1", "Fancy MPI 1.0\nbuilt today"),
    Error,
    'Cannot use the MPI library libmpi.so.1: it says "Fancy MPI 1.0", which is of no known kind; known: Open MPI',
  );
  assertEquals(abiOf("libmpi.so.12", "Intel(R) MPI Library 2021.13").name, "MPICH");
  // Whoever made it: the name promises the standard's ABI.
  assertEquals(abiOf("/opt/lib/libmpi_abi.so.0", "MPICH Version: 5.0.0").name, "the MPI 5 ABI");
});

mpiTest("a library of another MPI than the launcher's is refused", async (mpi) => {
  const library = mpi.mpirun === "mpirun.openmpi" ? "libmpich.so.12" : "libmpi.so.40";
  const { code, out } = await runJob({
    mpi,
    ranks: 2,
    deno: [...RANK_PERMISSIONS, JOIN, JSON.stringify({ library })],
  });
  assertNotEquals(code, 0);
  assertMatch(out, /started 2 processes, but libmpi.* sees 1: it is another MPI's/);
});

mpiTest(
  "ranks with another recipe, seed or plugin are refused, naming rank and difference",
  async (mpi) => {
    const start = async (...each: object[]) => {
      const [no, ffi, env, read] = RANK_PERMISSIONS;
      const permissions = [no, ffi, `${env},OMPI_COMM_WORLD_RANK,PMI_RANK`, read];
      const job = { mpi, ranks: each.length };
      return await runJob({ ...job, deno: [...permissions, JOIN, "{}", JSON.stringify(each)] });
    };
    const recipe = { seed: 1, stages: [{ id: "a", optimizer: { use: "sgd", lr: 0.1 } }] };
    const same = await start({ recipe }, { recipe: { stages: recipe.stages, seed: 1 } });
    assertEquals(same.code, 0, same.err + same.out);
    const seed = await start({ recipe }, { recipe }, { recipe: { ...recipe, seed: 2 } });
    assertNotEquals(seed.code, 0);
    assertMatch(
      seed.out,
      /^Cannot start the MPI job: rank 2 of 3 \(\S+\): the recipe differs: seed is 1 on rank 0 and 2 there/m,
    );
    const stages = [{ id: "a", optimizer: { use: "sgd", lr: 0.2 } }];
    const rate = await start({ recipe }, { recipe: { ...recipe, stages } });
    assertMatch(rate.out, /stages\[0\]\.optimizer\.lr is 0\.1 on rank 0 and 0\.2 there/);
    await inTempFolder(async (folder) => {
      const plugin = `${folder}/plugin.ts`;
      await Deno.writeTextFile(plugin, 'export { own } from "./own.ts";');
      await Deno.writeTextFile(`${folder}/own.ts`, "export const own = 1;");
      const modules = [`file://${plugin}`];
      const other = await start({ modules }, { modules: [] });
      assertNotEquals(other.code, 0);
      assertMatch(
        other.out,
        /rank 1 of 2 .*: the code there differs from that on rank 0: file:.*own\.ts;/,
      );
    });
  },
);

mpiTest("the ranks of a machine take the GPUs that the option lists, in turn", async (mpi) => {
  const lavapipe = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json";
  // Without a Vulkan driver WebGPU falls back to OpenGL, which has fewer features.
  const devices = [{ VK_DRIVER_FILES: lavapipe }, { VK_DRIVER_FILES: "/nowhere.json" }];
  const [no, ffi, env, read] = RANK_PERMISSIONS;
  const { code, out, err } = await runJob({
    mpi,
    ranks: 3,
    deno: [no, ffi, `${env},VK_DRIVER_FILES`, read, JOIN, JSON.stringify({ devices })],
  });
  assertEquals(code, 0, err + out);
  const ranks = JSON.parse(out.split("\n").find((line) => line.startsWith("["))!);
  assertEquals(ranks.map(({ local }: { local: number }) => local), [0, 1, 2]);
  assertEquals(ranks[2].features, ranks[0].features);
  assertNotEquals(ranks[1].features, ranks[0].features);
  const refused = await runJob({
    mpi,
    ranks: 1,
    deno: [...RANK_PERMISSIONS, JOIN, JSON.stringify({ devices })],
  });
  assertMatch(
    refused.out,
    /Cannot choose a GPU with VK_DRIVER_FILES: .* --allow-env=VK_DRIVER_FILES/,
  );
});
