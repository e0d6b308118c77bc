import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, resolvePath } from "../core/recipe/paths.ts";
import { anchorsOf, linksOf } from "./readme/links.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url)).replace(/\/$/, "");

/** Folders of a checkout that hold nothing of this project. */
const FOREIGN = ["node_modules", "runs", ".git", ".api", ".coverage", ".gpu"];

/** Files below a folder with one of some endings, from the root. */
async function filesIn(folder: string, endings: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory, isFile } of Deno.readDir(`${ROOT}/${folder}`)) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (isDirectory && !FOREIGN.includes(name)) found.push(...await filesIn(path, endings));
    else if (isFile && endings.some((ending) => name.endsWith(ending))) found.push(path);
  }
  return found.sort();
}

const documents = await filesIn("", [".md"]);

Deno.test("links of the documents lead to files and headings of the repository", async () => {
  assert(documents.includes("README.md") && documents.includes("docs/template/README.md"));
  let links = 0;
  for (const document of documents) {
    const text = await Deno.readTextFile(`${ROOT}/${document}`);
    for (const { file, anchor } of linksOf(text)) {
      links++;
      const path = file === ""
        ? `${ROOT}/${document}`
        : resolvePath(`${ROOT}/${document}/..`, file);
      const found = await Deno.stat(path).then(() => true, () => false);
      assert(found, `${document} links to ${file}`);
      if (anchor === undefined) continue;
      const anchors = anchorsOf(await Deno.readTextFile(path));
      assert(anchors.has(anchor), `${document} links to ${file}#${anchor}`);
    }
  }
  assert(links > 100, String(links));
});

Deno.test("links to files that are not there, and to headings, are found", () => {
  const text = "# A `b`, c: D\n[a](x.md) ![b](y.png)\n[c](x.md#some-thing) [d](#a-b-c-d)\n" +
    "[e](https://example.org/a.md)\n```ts\n// # no heading\nconst a = [1](z.md);\n```\n";
  assertEquals(linksOf(text), [
    { file: "x.md" },
    { file: "y.png" },
    { file: "x.md", anchor: "some-thing" },
    { file: "", anchor: "a-b-c-d" },
  ]);
  assertEquals([...anchorsOf(text)], ["a-b-c-d"]);
});

Deno.test("docs/README.md names every document of docs/, and nothing that is not there", async () => {
  const index = await Deno.readTextFile(`${ROOT}/docs/README.md`);
  const named = new Set(linksOf(index).map(({ file }) => file));
  const there: string[] = [];
  for await (const { name } of Deno.readDir(`${ROOT}/docs`)) {
    if (/\.(md|ipynb)$/.test(name) && name !== "README.md") there.push(name);
  }
  assertEquals(there.filter((name) => !named.has(name)), []);
});

Deno.test("documents that code, recipes and documents name by path are there", async () => {
  const texts = [...documents, ...await filesIn("", [".ts", ".yaml", ".py"])];
  let names = 0;
  for (const file of texts) {
    if (file.startsWith("tests/")) continue;
    const text = await Deno.readTextFile(`${ROOT}/${file}`);
    for (const [path] of text.matchAll(/(?<![\w/.-])docs\/[\w-]+\.(?:md|ipynb)\b/g)) {
      names++;
      assert(
        await Deno.stat(`${ROOT}/${path}`).then(() => true, () => false),
        `${file} names ${path}`,
      );
    }
  }
  assert(names > 30, String(names));
});
