import { assert, assertEquals, assertRejects } from "@std/assert";
import { Load } from "../../bench/measure/load.ts";
import { peerEnvironment, runPeerProcess } from "../../bench/measure/peer.ts";
import { peerRows } from "../../bench/measure/torch.ts";
import { runPeers } from "../../bench/step/peer.ts";
import { inTempFolder } from "../command.ts";
import { pythonTest } from "../python.ts";

const PYTHON = ["/usr/bin/python3"] as const;

Deno.test("a peer gets the threads that its row names, in every library, and malloc at its best or as shipped", () => {
  for (const threads of [1, 2]) {
    const env = peerEnvironment({ threads, keepsMemory: true });
    for (const name of ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]) {
      assertEquals(env[name], String(threads));
    }
    assert(Number(env["MALLOC_MMAP_THRESHOLD_"]) > 2 ** 32);
    assert(Number(env["MALLOC_TRIM_THRESHOLD_"]) > 2 ** 32);
  }
  const shipped = peerEnvironment({ threads: 1, keepsMemory: false });
  assertEquals(Object.keys(shipped).filter((name) => name.startsWith("MALLOC")), []);
});

Deno.test("PyTorch has a row of one thread at its best, of all cores, and of one thread as shipped", () => {
  const rows = peerRows("cpu", 4).map(({ threads, keepsMemory }) => [threads, keepsMemory]);
  assertEquals(rows, [[1, true], [4, true], [1, false]]);
  assertEquals(peerRows("cpu", 1).map(({ threads }) => threads), [1, 1]);
  assertEquals(peerRows("cuda", 4).map(({ tf32 }) => tf32 === true), [false, true]);
});

Deno.test("PyTorch is not compared with while it multiplies by the reference BLAS", () =>
  inTempFolder(async (folder) => {
    const python = `${folder}/python`;
    // Stands in for PyTorch: says that it is there, then what a step took.
    await Deno.writeTextFile(
      python,
      `case $1 in -c) echo cpu;; *) echo '{"referenceBlas": true, "seconds": 9}';; esac\n`,
    );
    const options = { pythons: [["sh", python]], rounds: 1, cores: 1 } as const;
    const encode = () => new Uint8Array(1);
    await assertRejects(() => runPeers(options, encode), RangeError, "libopenblas0-pthread");
    const load = new Load(true, { cores: 1, wall: () => 0, machine: () => 0, own: () => 0 });
    const rows = await runPeers({ ...options, load }, encode);
    assertEquals(Object.values(rows).map(({ seconds }) => seconds), [9, 9]);
  }));

pythonTest(
  "a peer's process sees its settings, and its time is not other programs'",
  [],
  () =>
    inTempFolder(async (folder) => {
      const script = `${folder}/peer.py`;
      await Deno.writeTextFile(
        script,
        `import json, os
print(json.dumps({"threads": os.environ["OMP_NUM_THREADS"], "isa": os.environ["ONEDNN_MAX_CPU_ISA"], "processorSeconds": 3}))
`,
      );
      let machine = 0;
      const clock = { cores: 1, wall: () => 10_000, machine: () => machine, own: () => 0 };
      const load = new Load(false, { ...clock, wall: () => machine === 0 ? 0 : 10_000 });
      machine = 3500;
      const settings = { threads: 2, keepsMemory: false };
      assertEquals(await runPeerProcess(PYTHON, [script], settings, load), {
        threads: "2",
        isa: "AVX2",
      });
      assertEquals(load.found(), { othersShare: 0.05 });
      await Deno.writeTextFile(script, "raise ValueError('no such network')");
      await assertRejects(
        () => runPeerProcess(PYTHON, [script], settings),
        Error,
        "no such network",
      );
    }),
);
