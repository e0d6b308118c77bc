import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { listing } from "./readme/listing.ts";
import { namesIn as namesOf, tableUnder } from "./readme/tables.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url)).replace(/\/$/, "");
const readme = await Deno.readTextFile(`${ROOT}/README.md`);
const config: {
  readonly version: string;
  readonly license: string;
  readonly tasks: Record<string, unknown>;
} = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));

/** Settings and documents of the repository, and what is made in a checkout: no part of the architecture. */
const NOT_LISTED = [
  "CHANGELOG.md",
  "CITATION.cff",
  "CONTRIBUTING.md",
  "LICENSE",
  "README.md",
  "deno.json",
  "deno.lock",
  "node_modules/",
  "runs/",
];

/** A folder holds a file somewhere below; Git keeps no others. */
async function holdsFile(folder: string): Promise<boolean> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory || await holdsFile(`${folder}/${name}`)) return true;
  }
  return false;
}

/** Names in a folder, folders with `/` behind. */
async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (name.startsWith(".")) continue;
    if (!isDirectory) names.push(name);
    else if (NOT_LISTED.includes(`${name}/`) || await holdsFile(`${folder}/${name}`)) {
      names.push(`${name}/`);
    }
  }
  return names.sort();
}

Deno.test("the README's folder listing is what is there", async () => {
  const printed = listing(readme);
  const there = (await namesIn(ROOT)).filter((name) => !NOT_LISTED.includes(name));
  assertEquals([...printed.keys()].sort(), there);
  for (const folder of ["core", "plugins"]) {
    assertEquals([...printed.get(`${folder}/`)!].sort(), await namesIn(`${ROOT}/${folder}`));
  }
});

Deno.test("the README is short", () => {
  const lines = readme.split("\n").length;
  assert(lines < 220, `the README has ${lines} lines; long matter belongs into docs/`);
});

Deno.test("the README's badges need no network, and say what deno.json, LICENSE and CONTRIBUTING.md say", async () => {
  const badges = [...readme.matchAll(/!\[([^\]]+)\]\((docs\/badges\/[^)]+)\)/g)];
  const contributing = await Deno.readTextFile(`${ROOT}/CONTRIBUTING.md`);
  const deno = /\[Deno\]\([^)]*\) ([\d.]+ or later)/.exec(contributing)![1];
  assertEquals(badges.map(([, text]) => text), [
    `Licence: ${config.license}`,
    `Version: ${config.version}`,
    `Deno: ${deno}`,
  ]);
  assert((await Deno.readTextFile(`${ROOT}/LICENSE`)).startsWith(`${config.license} License`));
  for (const [, text, file] of badges) {
    const title = /<title>([^<]*)<\/title>/.exec(await Deno.readTextFile(`${ROOT}/${file}`))![1]!;
    assertEquals(title.toLowerCase(), text!.toLowerCase());
  }
});

Deno.test("the README and CITATION.cff cite the same paper, and this version", async () => {
  const citation = await Deno.readTextFile(`${ROOT}/CITATION.cff`);
  const title = /^ {2}title = \{(.*)\},$/m.exec(readme)![1]!;
  assert(citation.includes(`    title: ${title}\n`), title);
  assert(citation.includes(`\nversion: ${config.version}\n`), config.version);
});

Deno.test("every task that the README names is one", () => {
  const named = [...readme.matchAll(/deno(?:@[\d.]+)? task (?:-q )?([a-z][\w-]*)/g)].map((
    [, task],
  ) => task!);
  assert(named.includes("demo") && named.includes("cam"));
  for (const task of named) assert(Object.hasOwn(config.tasks, task), `there is no task ${task}`);
});

Deno.test("whichever of the README's commands is the first prints no line for each package that is installed: all are quiet", () => {
  const blocks = [...readme.matchAll(/```sh\n([^]*?)```/g)].map(([, block]) => block!);
  const commands = blocks.flatMap((block) => block.match(/deno task.*/g) ?? []);
  assert(commands.length > 4);
  for (const command of commands) assert(command.startsWith("deno task -q "), command);
});

Deno.test("the README says of every recipe what it needs: the files that the recipe names, each with where it comes from", async () => {
  const rows = tableUnder(readme, "recipes");
  const sources = tableUnder(readme, "what");
  const found = new Map<string, string>();
  for (const [recipes, data, weights] of rows) {
    for (const name of namesOf(recipes!)) {
      const files = name.endsWith("/*.yaml")
        ? (await namesIn(`${ROOT}/${name.slice(0, -7)}`)).map((file) =>
          `${name.slice(0, -6)}${file}`
        )
        : [name];
      for (const file of files) {
        assert(!found.has(file), `${file} is in two rows`);
        found.set(file, `${data} ${weights}`);
      }
    }
  }
  const shipped: string[] = [];
  for (const folder of await namesIn(`${ROOT}/recipes`)) {
    for (const file of await namesIn(`${ROOT}/recipes/${folder}`)) {
      shipped.push(`recipes/${folder}${file}`);
    }
  }
  assertEquals([...found.keys()].sort(), shipped.sort());
  for (const [recipe, needs] of found) {
    const text = await Deno.readTextFile(`${ROOT}/${recipe}`);
    const files = [...text.matchAll(/^\s+file: (?:\$\{\w+:-)?([^}\n]+)/gm)].map(([, path]) =>
      path!
    );
    for (const path of new Set(files)) {
      const name = path.split("/").at(-1)!;
      assert(needs.includes(`\`${name}\``), `${recipe} reads ${name}: its row says ${needs}`);
    }
  }
  // What the rows name is in the table of what comes from where.
  const known = sources.map(([what]) => what!).join("\n");
  for (const needs of found.values()) {
    for (const name of namesOf(needs)) assert(known.includes(`\`${name}\``), name);
  }
});
