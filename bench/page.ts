/**
 * Writes docs/performance.md from the JSON in bench/results/ and bench/results/gpu/. With a folder, prints that folder's tables alone.
 *
 *   deno task performance
 *   deno run --allow-read bench/page.ts runs/gpu
 *
 * @module
 */
import { print } from "./measure/print.ts";
import { renderPage, renderTables } from "./page/page.ts";
import { readResults } from "./page/results.ts";

const PAGE = "docs/performance.md", RESULTS = "bench/results";

const [folder] = Deno.args;
if (folder !== undefined) {
  print(renderTables(await readResults(folder)));
} else {
  const page = renderPage(await readResults(RESULTS), await readResults(`${RESULTS}/gpu`));
  await Deno.writeTextFile(PAGE, page);
}
