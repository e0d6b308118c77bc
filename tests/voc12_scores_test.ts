import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const NOT_YET = "not yet measured";

/** Rows of the table of docs/methods.md that has a recipe of VOC a row or more: recipe, and its cells. */
async function rows(): Promise<readonly { readonly recipe: string; readonly cells: string[] }[]> {
  const [, section] = (await Deno.readTextFile(`${ROOT}docs/methods.md`))
    .split("\n## Scores on PASCAL VOC\n");
  const lines = section!.split("\n## ")[0]!.split("\n").filter((line) => line.startsWith("| "));
  let recipe = "";
  return lines.slice(2).map((line) => {
    const [name, ...cells] = line.split("|").slice(1, -1).map((cell) => cell.trim());
    recipe = name || recipe;
    return { recipe: recipe.replaceAll("`", ""), cells };
  });
}

Deno.test("docs/methods.md and the head of every recipe of VOC say the same of its scores", async () => {
  const table = await rows();
  const recipes = (await Array.fromAsync(Deno.readDir(`${ROOT}recipes/voc12`)))
    .map(({ name }) => `recipes/voc12/${name}`);
  assertEquals([...new Set(table.map(({ recipe }) => recipe))].sort(), recipes.sort());
  for (const { recipe, cells: [, reported, measured] } of table) {
    const head = (await Deno.readTextFile(ROOT + recipe)).split("\n")
      .filter((line) => line.startsWith("#")).join(" ");
    const [, expected] = head.split("Expect ");
    assertEquals(expected!.includes(NOT_YET), measured === NOT_YET, recipe);
    for (const number of reported === "–" ? [] : reported!.split(", ")) {
      assert(expected!.includes(number), `${recipe}: ${number}`);
    }
  }
});
