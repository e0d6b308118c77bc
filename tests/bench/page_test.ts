import { assert, assertEquals } from "@std/assert";
import { renderPage } from "../../bench/page/page.ts";
import { readResults } from "../../bench/page/results.ts";
import { fromFileUrl } from "../../core/recipe/paths.ts";

const root = fromFileUrl(new URL("../..", import.meta.url));
const page = await Deno.readTextFile(`${root}/docs/performance.md`);

Deno.test("docs/performance.md is what its results say; else run: deno task performance", async () => {
  const results = `${root}/bench/results`;
  assertEquals(page, renderPage(await readResults(results), await readResults(`${results}/gpu`)));
});

Deno.test("a page without results of a GPU says so, one with them shows them", () => {
  const row = { path: "a/b.safetensors", kind: "miou", seconds: 1, quantities: [], passed: true };
  const quantities = [{ maxRelative: 1e-6 }];
  const gpu = { verify: { device: "Some GPU", results: [{ ...row, quantities }] } };
  assert(renderPage({}, {}).includes("## Not yet measured"));
  assert(!renderPage({}, gpu).includes("## Not yet measured"));
  assert(renderPage({}, gpu).includes("| b.safetensors | miou | pass | 1.0e-6 "));
});
