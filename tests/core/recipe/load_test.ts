import { assert, assertEquals, assertRejects } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { loadRecipe } from "../../../plugins/recipe_files/load.ts";
import { toyPlugins } from "../toy_plugins.ts";

const RECIPE = `
name: toy
backend: cpu
dataset: { use: toy, root: data }
observers: [silent]
stages:
  - id: one
    run: train
    losses:
      - { use: ecr, weight: 2 }
      - ecr
    optimizer: { lr: 0.1, schedule: { use: warmup, steps: 5, then: poly } }
  - { id: two, run: train, from: [one] }
`;

async function load(text: string, set: string[] = [], environment: Record<string, string> = {}) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/r.yaml`, text);
    const options = {
      plugins: toyPlugins,
      set,
      environment: (name: string) => environment[name],
      cwd: "/cwd",
    };
    const { recipe } = await loadRecipe(`${folder}/r.yaml`, options);
    return { recipe, folder };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function problem(text: string, set: string[] = []): Promise<string> {
  const error = await assertRejects(() => load(text, set), Error);
  assert(isUserError(error), error.stack ?? "");
  assert(/r\.yaml|--set/.test(error.message), error.message);
  return error.message;
}

Deno.test("loadRecipe fills in defaults, resolves paths and freezes", async () => {
  const { recipe, folder } = await load(RECIPE);
  assertEquals(recipe.seed, 1);
  assertEquals(recipe.backend, { use: "cpu" });
  assertEquals(recipe.dataset, { use: "toy", root: `${folder}/data` });
  assertEquals(recipe.stages[0], {
    id: "one",
    run: "train",
    losses: [{ use: "ecr", weight: 2, ohem: 0.2 }, { use: "ecr", weight: 1, ohem: 0.2 }],
    optimizer: {
      lr: 0.1,
      schedule: { use: "warmup", steps: 5, then: { use: "poly", power: 0.9 } },
    },
    from: [],
  });
  assert(Object.isFrozen(recipe.stages[0]!["optimizer"]));
});

Deno.test("loadRecipe applies --set by top key, stage id, option, index and plugin name", async () => {
  const { recipe } = await load(RECIPE, [
    "seed=7",
    "dataset.root=voc",
    "one.optimizer.schedule.then.power=2",
    "optimizer.lr=0.5",
    "losses[1].ohem=0.3",
    "losses.ecr.weight=3",
  ]);
  assertEquals(recipe.seed, 7);
  assertEquals(recipe.dataset, { use: "toy", root: "/cwd/voc" });
  const stage = recipe.stages[0]!;
  assertEquals(stage["optimizer"], {
    lr: 0.5,
    schedule: { use: "warmup", steps: 5, then: { use: "poly", power: 2 } },
  });
  assertEquals(stage["losses"], [{ use: "ecr", weight: 3, ohem: 0.2 }, {
    use: "ecr",
    weight: 1,
    ohem: 0.3,
  }]);
});

Deno.test("--set takes an index after a dot, and use= drops the options of what it replaces", async () => {
  const { recipe } = await load(RECIPE, ["losses.1.ohem=0.3", "one.optimizer.schedule.use=poly"]);
  const stage = recipe.stages[0]!;
  assertEquals((stage["losses"] as { ohem: number }[]).map(({ ohem }) => ohem), [0.2, 0.3]);
  const { schedule } = stage["optimizer"] as { schedule: Record<string, unknown> };
  assertEquals(schedule["use"], "poly");
  assert(!Object.hasOwn(schedule, "steps") && !Object.hasOwn(schedule, "then"), "of warmup");
  const same = await load(RECIPE, ["one.optimizer.schedule.use=warmup"]);
  const kept = same.recipe.stages[0]!["optimizer"] as { schedule: Record<string, unknown> };
  assertEquals(kept.schedule["steps"], 5);
  await assertRejects(() => load(RECIPE, ["losses=0.5,1"]), TypeError, "expected a list, [a, b]");
});

Deno.test("a tab that indents is called a tab, with its line", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const [text, line] of [["a:\n\tb: 1\n", 2], ["a:\n  b:\n  \t- c\n", 3]] as const) {
      await Deno.writeTextFile(`${folder}/tab.yaml`, text);
      await assertRejects(
        () =>
          loadRecipe(`${folder}/tab.yaml`, { plugins: [], environment: () => undefined, cwd: "/" }),
        SyntaxError,
        `line ${line} is indented by a tab; YAML takes spaces`,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("loadRecipe takes environment variables, and defaults for them", async () => {
  const text = RECIPE.replace("root: data", 'root: "${VOC}/${YEAR:-2012}"');
  assertEquals((await load(text, [], { VOC: "/voc" })).recipe.dataset["root"], "/voc/2012");
  assert((await problem(text)).includes("dataset.root: environment variable VOC is not set"));
  assertEquals((await load(text, ["dataset.root=/x"])).recipe.dataset["root"], "/x");
});

Deno.test("loadRecipe gives every problem with its path in one error", async () => {
  const message = await problem(
    RECIPE.replace("weight: 2", "weight: heavy, ohm: 1").replace("lr: 0.1", "lr: -1").replace(
      "seed",
      "sed",
    ),
  );
  assert(message.includes('stages[0].losses[0].weight: found "heavy", expected number'), message);
  assert(
    message.includes('stages[0].losses[0]: unknown key "ohm" (did you mean "ohem"?)'),
    message,
  );
  assert(message.includes("stages[0].optimizer.lr: found -1, expected > 0"), message);
});

Deno.test("loadRecipe reports unknown keys, plugins and kinds of value where they stand", async () => {
  assert(
    (await problem(`${RECIPE}\nsede: 3`)).includes('unknown key "sede" (did you mean "seed"?)'),
  );
  assert(
    (await problem(RECIPE.replace("run: train", "run: trian"))).includes(
      'stages[0].run: unknown stage "trian"',
    ),
  );
  assert((await problem(RECIPE.replace("- ecr", "- 5"))).includes("stages[0].losses[1]: found 5"));
  assert((await problem(RECIPE.replace("{ use: ecr,", "{ "))).includes("stages[0].losses[0]"));
  assert((await problem("name: x")).includes("dataset: missing"));
  assert((await problem("[1]")).includes("expected keys such as"));
});

Deno.test("loadRecipe gives the line where YAML does not parse", async () => {
  const error = await assertRejects(() => load("name: toy\nstages: [\n  {a: 1\n"), SyntaxError);
  assert(isUserError(error));
  assert(/line \d+/.test(error.message), error.message);
});

Deno.test("loadRecipe names a duplicate stage id", async () => {
  assert(
    (await problem(RECIPE.replace("id: two", "id: one"))).includes('stages[1].id: "one" is taken'),
  );
});

Deno.test("loadRecipe refuses --set without value, place or YAML", async () => {
  await assertRejects(() => load(RECIPE, ["seed"]), SyntaxError, "expected key=value");
  await assertRejects(
    () => load(RECIPE, ["optimiser.lr=1"]),
    RangeError,
    'did you mean "optimizer"',
  );
  await assertRejects(() => load(RECIPE, ["one.losses.er.weight=1"]), RangeError, "without");
  await assertRejects(() => load(RECIPE, ["seed={"]), SyntaxError, "--set seed={");
});

Deno.test("loadRecipe names a recipe that does not exist", async () => {
  const options = { plugins: toyPlugins, environment: () => undefined, cwd: "/" };
  await assertRejects(
    () => loadRecipe("/nowhere.yaml", options),
    Deno.errors.NotFound,
    "/nowhere.yaml",
  );
});

Deno.test("loadRecipe says which recipe a missing file or a folder may have meant", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/seam.yaml`, "name: x");
    await Deno.writeTextFile(`${folder}/baseline.yaml`, "name: x");
    await Deno.mkdir(`${folder}/empty`);
    const wrong = {
      [`${folder}/saem.yaml`]: `did you mean "${folder}/seam.yaml"?`,
      [`${folder}/seam`]: `did you mean "${folder}/seam.yaml"?`,
      [`${folder}/something.yaml`]: `recipes in ${folder}: baseline.yaml, seam.yaml`,
      [folder]: "it is a folder; recipes in it: baseline.yaml, seam.yaml",
      [`${folder}/empty`]: "it is a folder without recipes",
    };
    for (const [path, says] of Object.entries(wrong)) {
      const options = { plugins: [], environment: () => undefined, cwd: "/" };
      const error = await assertRejects(
        () => loadRecipe(path, options),
        Deno.errors.NotFound,
        says,
      );
      assert(isUserError(error));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a recipe in UTF-16, as PowerShell writes it, or in another encoding is named as that", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const options = { plugins: toyPlugins, environment: () => undefined, cwd: folder };
    const file = `${folder}/r.yaml`;
    const wide = new Uint8Array(Uint16Array.from(`\ufeff${RECIPE}`, (c) => c.charCodeAt(0)).buffer);
    const latin = new TextEncoder().encode(RECIPE.replace("name: toy", "name: toyX"));
    latin[latin.indexOf(0x58)] = 0xe9;
    for (
      const [bytes, found] of [
        [wide, "it is UTF-16 text, expected UTF-8"],
        [latin, "line 2 holds bytes of another encoding, expected UTF-8"],
      ] as const
    ) {
      await Deno.writeFile(file, bytes);
      const error = await assertRejects(() => loadRecipe(file, options), SyntaxError, found);
      assert(error.message.startsWith(`Cannot read recipe ${file}: `), error.message);
      assert(isUserError(error));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
