import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { DEVICE_VARIABLES } from "../plugins/groups/mpi/device.ts";
import { LAUNCHER_VARIABLES } from "../plugins/groups/mpi/launcher.ts";
import { inTempFolder, runDeno, runSeamstress } from "./command.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`)) as {
  tasks: Record<string, { command: string }>;
};

/** Runs a command of the command line with the very permissions of its task, none of them asked for. */
async function runTask(name: string, ...args: string[]) {
  const [deno, run, ...rest] = tasks[name]!.command.split(" ");
  assertEquals([deno, run], ["deno", "run"]);
  return await runDeno(["run", "--no-prompt", ...rest, ...args]);
}

Deno.test("no task takes every permission, or runs every program", () => {
  for (const [name, { command }] of Object.entries(tasks)) {
    const flags = command.split(" ").filter((word) => word.startsWith("-"));
    for (const flag of flags) {
      assert(
        !["-A", "--allow-all", "--allow-run", "--allow-env", "--allow-net"].includes(flag),
        name,
      );
    }
  }
});

Deno.test("plugins and schema may read, for --with, and nothing else", async () => {
  for (const [name, expected] of [["plugins", "seam"], ["schema", '"$defs"']] as const) {
    assertEquals(tasks[name]!.command, `deno run -q --allow-read cli.ts ${name}`);
    const { code, out, err } = await runTask(name);
    assertEquals(code, 0, err);
    assert(out.includes(expected));
  }
});

Deno.test("verify and data do their work with the permissions of their tasks", async () => {
  const verified = await runTask("verify", "tests/fixtures/miou.safetensors", "--backend", "wasm");
  assertEquals(verified.code, 0, verified.err);
  const checked = await runTask("data", "check", "/nowhere");
  assertMatch(checked.err, /JPEGImages/);
});

Deno.test("run trains with the permissions of its task, and names the variable that it may not read", async () => {
  const out = `runs/permissions-test-${crypto.randomUUID()}`;
  try {
    const trained = await runTask(
      ...["run", "recipes/mini/baseline.yaml", "--backend", "wasm", "--out", out] as const,
      ...["--set", "train.maxSteps=1", "--until", "train"],
    );
    assertEquals(trained.code, 0, trained.err);
  } finally {
    await Deno.remove(`${ROOT}${out}`, { recursive: true }).catch(() => {});
  }
  const args = ["recipes/mini/export.yaml", "--set", "dataset.root=${MY_DATA:-/data}", "--dry-run"];
  const { code, err } = await runTask("run", ...args);
  assertEquals(code, 1);
  assertMatch(err, /environment variable MY_DATA, which the recipe names: allow it with/);
  assertMatch(err, /--allow-env=MY_DATA cli\.ts run/);
});

Deno.test("run may ask for the machine's memory, and plans without where it may not", async () => {
  const args = ["recipes/mini/baseline.yaml", "--backend", "wasm", "--until", "train", "--dry-run"];
  const allowed = await runTask("run", ...args);
  assertEquals(allowed.code, 0, allowed.err);
  assertMatch(allowed.out, /of tensors at once, this machine has [\d.]+ GB$/m);
  const refused = await runSeamstress(["run", ...args]);
  assertEquals(refused.code, 0, refused.err);
  assertMatch(refused.out, /of tensors at once$/m);
});

Deno.test("a rank of an MPI job may call native code and read its launcher's variables, else what a run may", () => {
  const flags = (task: string) =>
    tasks[task]!.command.split(" ").filter((word) => word.startsWith("--allow"));
  const variables = [...LAUNCHER_VARIABLES, ...DEVICE_VARIABLES].join(",");
  const expected = flags("run").map((flag) =>
    flag.startsWith("--allow-env=") ? `${flag},${variables}` : flag
  );
  assertEquals(flags("run-mpi"), ["--allow-ffi", ...expected]);
});

Deno.test("a run may read every variable that a shipped recipe names", async () => {
  const allowed = /--allow-env=(\S+)/.exec(tasks["run"]!.command)![1]!.split(",");
  const named = new Set<string>();
  for (const folder of ["mini", "photographs", "voc-animals", "voc12"]) {
    for await (const { name } of Deno.readDir(`${ROOT}recipes/${folder}`)) {
      const text = await Deno.readTextFile(`${ROOT}recipes/${folder}/${name}`);
      for (const [, variable] of text.matchAll(/\$\{([A-Z0-9_]+)/g)) named.add(variable!);
    }
  }
  assertEquals(allowed.toSorted(), [...named].toSorted());
});

Deno.test("a run and a dry run name the modules of a recipe before their code runs, and the manifest keeps them", async () => {
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(
      `${folder}/mine.ts`,
      `import { definePlugin } from "seamstress";
import * as z from "zod";
console.error("MINE RUNS");
export const mine = definePlugin({ kind: "schedule", name: "mine", summary: "", options: z.strictObject({}), create: () => ({ factor: () => 1 }) });
`,
    );
    await Deno.writeTextFile(
      `${folder}/r.yaml`,
      'name: r\nplugins: [./mine.ts]\ndataset: mini\nbackend: cpu\nstages:\n  - { id: a, run: export, splits: { a: "train[0:1]" } }\n',
    );
    for (const more of [["--dry-run"], []]) {
      const run = await runSeamstress([
        "run",
        `${folder}/r.yaml`,
        "--out",
        `${folder}/out`,
        ...more,
      ]);
      assertEquals(run.code, 0, run.err);
      const said = run.err.indexOf(`runs the recipe's own code: ${folder}/mine.ts`);
      assert(said >= 0 && said < run.err.indexOf("MINE RUNS"), run.err);
    }
    const manifest = JSON.parse(await Deno.readTextFile(`${folder}/out/manifest.json`));
    assertEquals(manifest.modules, [`${folder}/mine.ts`]);
  });
});
