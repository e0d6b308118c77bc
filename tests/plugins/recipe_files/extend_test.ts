import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { loadRecipe } from "../../../plugins/recipe_files/load.ts";
import { toyPlugins } from "../../core/toy_plugins.ts";

const BASE = `
name: toy
summary: the other
backend: cpu
dataset: { use: toy, root: data }
observers: [silent]
stages:
  - &one
    id: one
    run: train
    losses: [{ use: ecr, weight: 2 }, ecr]
    optimizer: &sgd { lr: 0.1 }
  - { <<: *one, id: two, optimizer: *sgd }
`;

/** Loads `r.yaml` of a folder that has these files, too. */
async function load(files: Readonly<Record<string, string>>, set: string[] = []) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(`${folder}/${name}`.replace(/[^/]+$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    const options = { plugins: toyPlugins, set, environment: () => undefined, cwd: "/cwd" };
    const { recipe } = await loadRecipe(`${folder}/r.yaml`, options);
    return { ...recipe, dataset: JSON.stringify(recipe.dataset).replaceAll(folder, "HERE") };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function problem(files: Readonly<Record<string, string>>): Promise<string> {
  const error = await assertRejects(() => load(files), Error);
  assert(isUserError(error), error.stack ?? "");
  return error.message;
}

Deno.test("a recipe that extends another is that one with its own keys and what it sets", async () => {
  const r =
    "extends: base.yaml\\nname: mine\\nset:\\n  one.optimizer.lr: 0.5\\n  two.losses: [ecr]\\n"
      .replaceAll("\\n", "\n");
  const mine = await load({ "base.yaml": BASE, "r.yaml": r });
  const written = BASE.replace("name: toy", "name: mine").replace(
    "losses: [{ use: ecr, weight: 2 }, ecr]",
    "losses: &l [{ use: ecr, weight: 2 }, ecr]",
  )
    .replace("&sgd { lr: 0.1 }", "{ lr: 0.5 }").replace(
      "optimizer: *sgd }",
      "optimizer: { lr: 0.1 }, losses: [ecr] }",
    );
  // The stage that shared an optimizer by an alias keeps its own.
  assertEquals(mine, await load({ "r.yaml": written }));
  assertStringIncludes(mine.dataset, "HERE/data");
});

Deno.test("a recipe may extend one that extends another, and --set has the last word", async () => {
  const files = {
    "base.yaml": BASE,
    "middle.yaml": "extends: base.yaml\nname: middle\nset: { one.optimizer.lr: 0.5 }\n",
    "r.yaml": "extends: middle.yaml\nset: { two.optimizer.lr: 0.25 }\n",
  };
  const rates = ({ stages }: Awaited<ReturnType<typeof load>>) =>
    stages.map((stage) => (stage["optimizer"] as { lr: number }).lr);
  const mine = await load(files);
  assertEquals([mine.name, mine.summary, ...rates(mine)], ["middle", "the other", 0.5, 0.25]);
  assertEquals(rates(await load(files, ["one.optimizer.lr=2"])), [2, 0.25]);
});

Deno.test("what cannot be extended is refused, naming the file and the key", async () => {
  const of = (r: string, more: Readonly<Record<string, string>> = {}) =>
    problem({ "base.yaml": BASE, "r.yaml": r, ...more });
  assertStringIncludes(await of("extends: bas.yaml\n"), 'base.yaml"?)');
  assertStringIncludes(await of("set: { seed: 2 }\n"), "r.yaml: extends: expected the file");
  assertStringIncludes(await of("extends: base.yaml\nset: [1]\n"), "r.yaml: set: expected keys");
  assertStringIncludes(await of("extends: r.yaml\n"), "a circle");
  assertStringIncludes(
    await of("extends: sub/base.yaml\n", { "sub/base.yaml": BASE }),
    "r.yaml: extends: sub/base.yaml is in another folder",
  );
  const wrong = await of("extends: base.yaml\nset: { three.optimizer.lr: 1 }\n");
  assertStringIncludes(wrong, 'r.yaml: cannot set three.optimizer.lr=1: no key "three"');
  assertStringIncludes(await of("extends: base.yaml\nstagse: []\n"), "stagse");
  assertStringIncludes(
    await of("extends: list.yaml\n", { "list.yaml": "- 1\n" }),
    "list.yaml has no keys",
  );
});
