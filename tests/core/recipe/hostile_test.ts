import { assert, assertEquals, assertRejects } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import type { LoadedRecipe } from "../../../core/recipe/load.ts";
import { loadRecipe } from "../../../plugins/recipe_files/load.ts";
import { plugins } from "../../../plugins/mod.ts";

const HEAD = "name: hurt\ndataset: mini\nstages:\n  - { id: out, run: export }\n";

async function load(yaml: string, set: readonly string[] = []): Promise<LoadedRecipe> {
  const file = await Deno.makeTempFile({ suffix: ".yaml" });
  try {
    await Deno.writeTextFile(file, yaml);
    return await loadRecipe(file, { plugins, set, environment: () => undefined, cwd: "/" });
  } finally {
    await Deno.remove(file);
  }
}

/** The message, which a user must be able to read. */
async function refused(yaml: string, set: readonly string[] = []): Promise<string> {
  const started = performance.now();
  const error = await assertRejects(() => load(yaml, set), Error);
  assert(isUserError(error), `${error.stack}`);
  assert(performance.now() - started < 5000, "it took 5 s to refuse");
  assert(error.message.length < 5000, `a message of ${error.message.length} characters`);
  return error.message;
}

/** 2^30 values in 30 lines. */
const BOMB = "x0: &x0 [1, 1]\n" +
  Array.from({ length: 29 }, (_, i) => `x${i + 1}: &x${i + 1} [*x${i}, *x${i}]\n`).join("");

Deno.test("a recipe's aliases that multiply are refused before they are written out", async () => {
  assert((await refused(HEAD + BOMB)).includes("more than 100000 values"));
  assert((await refused(BOMB + HEAD, ["seed=2"])).includes("set limits.nodes"));
});

Deno.test("limits.nodes is what a recipe may hold, said in it or by --set", async () => {
  const three = HEAD + "summary: a\nlimits: { nodes: 3 }\n";
  assert((await refused(three)).includes("more than 3 values"));
  assertEquals((await load(three, ["limits.nodes=50"])).recipe.limits.nodes, 50);
});

Deno.test("an alias of what it stands in is refused, not followed", async () => {
  assert((await refused(`${HEAD}summary: &a [*a]\n`)).includes("summary[0] is an alias of what"));
  assert(
    (await refused(`${HEAD}limits: &a { pixels: *a }\n`)).includes("limits.pixels is an alias"),
  );
});

Deno.test("a recipe nested beyond every use is refused, in YAML of both styles and in --set", async () => {
  const flow = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assert((await refused(`${HEAD}summary: ${flow(80)}\n`)).includes("deeper than 64 levels"));
  assert((await refused(`${HEAD}summary: ${flow(100_000)}\n`)).includes("deeper than 64 levels"));
  assert((await refused(HEAD, [`summary=${flow(80)}`])).includes("deeper than 64 levels"));
  assert((await refused(HEAD, [`summary=${flow(100_000)}`])).includes("deeper than 64 levels"));
  const dots = Array.from({ length: 5000 }, () => "a").join(".");
  assert((await refused(HEAD, [`dataset.${dots}=1`])).includes("deeper than 64 levels"));
});

Deno.test("a file that is no recipe is not read to its end", async () => {
  await assertRejects(
    () => loadRecipe("/dev/zero", { plugins, environment: () => undefined, cwd: "/" }),
    RangeError,
    "more than 4000000 bytes",
  );
});

Deno.test("--set of an alias changes the place that it names, not its siblings", async () => {
  const { recipe } = await load(
    "name: two\ndataset: mini\nstages:\n" +
      "  - { id: a, run: export, splits: &s { train: 'train[0:2]' } }\n" +
      "  - { id: b, run: export, splits: *s }\n",
    ["a.splits.train=val"],
  );
  assertEquals(recipe.stages.map((stage) => stage["splits"]), [
    { train: "val" },
    { train: "train[0:2]" },
  ]);
});

for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf"]) {
  Deno.test(`the key ${name} is unknown wherever a recipe or --set has it`, async () => {
    const polluted = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
    const places = [
      `${HEAD}${name}: 1\n`,
      HEAD.replace("dataset: mini", `dataset: { use: mini, ${name}: { use: sgd } }`),
      HEAD.replace("run: export", `run: export, ${name}: [1]`),
      HEAD.replace("dataset: mini", `dataset: ${name}`),
      HEAD.replace("run: export", `run: ${name}`),
      HEAD.replace("run: export", `run: evaluate, from: ${name}, ${name}: { ${name}: 1 }`),
    ];
    for (const yaml of places) assert((await refused(yaml)).includes(name), yaml);
    for (const set of [`${name}=1`, `${name}.x=1`, `dataset.${name}.x=1`, `out.${name}.x=1`]) {
      assert((await refused(HEAD, [set])).includes(name), set);
    }
    assertEquals(JSON.stringify(Object.getOwnPropertyNames(Object.prototype)), polluted);
    assertEquals(({} as Record<string, unknown>)["x"], undefined);
  });
}

Deno.test("a message shows the beginning of a value, not all of it", async () => {
  const long = "x".repeat(1_000_000);
  for (
    const yaml of [
      `${HEAD}${long}: 1\n`,
      HEAD.replace("mini", long),
      HEAD.replace("id: out", `id: "${long} "`),
      `${HEAD}summary: [${"1, ".repeat(50_000)}]\n`,
      `${HEAD}plugins: ["/${long}.ts"]\n`,
      "name: &a " + long + "\n*b",
    ]
  ) await refused(yaml);
  await refused(HEAD, [`${long}=1`]);
  await refused(HEAD, [`seed=[${long}`]);
  await refused(HEAD, [long]);
});

Deno.test("a message does not steer the terminal that shows it", async () => {
  const message = await refused(HEAD.replace("mini", '"\\e[31mred\\a"'), ["\x1b[2Jseed=1"]);
  assertEquals(/\p{Cc}/u.exec(message.replaceAll("\n", "")), null);
});
