import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { findCases, modulesOf } from "../../bench/ops/find.ts";
import { CaseTensors } from "../../bench/ops/tensors.ts";
import { fromFileUrl } from "../../core/recipe/paths.ts";
import type { BenchMachine } from "../../plugins/ops/define/bench_case.ts";
import { installOps } from "../../plugins/ops/install.ts";
import { inTempFolder } from "../command.ts";

const root = fromFileUrl(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Those that are recorded, and those of `deno bench` on a CPU. */
const LAVAPIPE: BenchMachine = { backend: "webgpu", gpu: false, quick: false };
const WASM: BenchMachine = { backend: "wasm", gpu: false, quick: false };
const MACHINES = [LAVAPIPE, WASM].flatMap((machine) => [machine, { ...machine, quick: true }])
  .concat({ ...LAVAPIPE, gpu: true });

Deno.test("every list of cases beside an operation is found, and names are unique on a machine", async () => {
  const folders = (await Array.fromAsync(Deno.readDir(`${root}/plugins/ops`)))
    .filter(({ isDirectory }) => isDirectory);
  let lists = 0;
  for (const { name } of folders) {
    const files = await Array.fromAsync(Deno.readDir(`${root}/plugins/ops/${name}`));
    if (files.some((file) => file.name === "bench.ts")) lists++;
  }
  const { cases, ops } = await findCases([]);
  assertEquals([cases.length, ops], [lists, []]);
  for (const machine of MACHINES) {
    const names = cases.flatMap((of) => of(machine)).map(({ name }) => name);
    assert(names.length > 20, `${names.length}`);
    assertEquals(names.filter((name, i) => names.indexOf(name) !== i), []);
  }
});

Deno.test("what deno bench times on a CPU compares what is recorded, no more cases", async () => {
  const { cases } = await findCases([]);
  for (const machine of [LAVAPIPE, WASM]) {
    for (const of of cases) {
      const [whole, quick] = [machine, { ...machine, quick: true }].map((on) =>
        of(on).map(({ name, implementations }) => ({
          // Without sizes.
          question: name.replaceAll(/\d+/g, ""),
          compared: Object.keys(implementations).sort().join(", "),
        }))
      );
      const questions = (list: typeof whole) =>
        [...new Set(list!.map(({ question, compared }) => `${question}: ${compared}`))].sort();
      assertEquals(questions(quick), questions(whole));
      assert(quick!.length <= whole!.length);
    }
  }
});

Deno.test("the recorded results are of cases that there are", async () => {
  const { cases } = await findCases([]);
  for (const file of ["webgpu_kernels", "webgpu_head", "wasm_kernels"] as const) {
    const { rows }: { rows: { what: string }[] } = JSON.parse(
      await Deno.readTextFile(`${root}/bench/results/${file}.json`),
    );
    const machine = file.startsWith("wasm") ? WASM : LAVAPIPE;
    const names = cases.flatMap((of) => of(machine)).map(({ name }) => name);
    const strange = rows.map(({ what }) => what)
      .filter((what) => !/^peak: |^step of /.test(what) && !names.includes(what));
    assertEquals(strange, [], file);
  }
});

Deno.test("implementations of a case compute the same", async () => {
  installOps("cpu");
  await tf.setBackend("cpu");
  const { cases } = await findCases([]);
  // Of those that plain JavaScript computes quickly, and tfjs's kernels on every backend.
  const quick = ["mean of the ", "frozen batch norm, relu6"];
  const picked = cases.flatMap((of) => of(LAVAPIPE))
    .filter(({ name }) => quick.some((beginning) => name.startsWith(beginning)));
  assertEquals(picked.length, 2);
  for (const one of picked) {
    using tensors = new CaseTensors();
    const inputs = await one.inputs(tensors);
    const [expected, ...others] = Object.values(one.implementations)
      .map((run) => run!(inputs) as tf.Tensor);
    const wanted = await expected!.data<"float32">();
    for (const other of others) {
      const found = await other.data<"float32">();
      const apart = found.reduce((most, v, i) => Math.max(most, Math.abs(v - wanted[i]!)), 0);
      assert(apart < 1e-3, `${one.name}: ${apart}`);
    }
  }
});

Deno.test("an outside module brings its operations and cases, one without says what it needs", async () => {
  assertEquals(modulesOf(["--with", "a.ts", "--with", "b.ts"]), ["a.ts", "b.ts"]);
  assertEquals(modulesOf([]), []);
  await inTempFolder(async (folder) => {
    const [own, none] = [`${folder}/own.ts`, `${folder}/none.ts`];
    const entry = new URL("../../plugins/ops/mod.ts", import.meta.url).href;
    await Deno.writeTextFile(
      own,
      `import { benchCase, defineOp } from ${JSON.stringify(entry)};
       export const twice = defineOp({ name: "Twice", summary: "x + x", inputs: { x: "[N,H,W,C]" }, output: "[N,H,W,C]",
         shape: ({ x }) => x, compose: ({ x }) => x.add(x) });
       export const bench = ({ backend }) => [benchCase({ name: "twice on " + backend,
         inputs: ({ uniform }) => uniform([1, 2, 2, 4]), implementations: { ours: (x) => twice.run({ x }, {}) } })];`,
    );
    await Deno.writeTextFile(none, "export const nothing = 1;");
    const shipped = (await findCases([])).cases.length;
    const { cases, ops } = await findCases([own]);
    assertEquals(ops.map(({ kernel }) => kernel), ["SeamstressTwice"]);
    assertEquals(cases.length, shipped + 1);
    assertEquals(cases.at(-1)!(WASM).map(({ name }) => name), ["twice on wasm"]);
    await assertRejects(() => findCases([none]), TypeError, 'it must export a function "bench"');
    await assertRejects(
      () => findCases([`${folder}/missing.ts`]),
      TypeError,
      `Cannot load the cases of ${folder}/missing.ts`,
    );
  });
});
