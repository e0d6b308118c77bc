// Recomputes a golden file in a page of a real browser: deno run … visit_golden.ts FILE WEIGHTS, in tests/fixtures. Prints what the page
// found, as JSON.
import { assertEquals } from "@std/assert";
import { bundle } from "../../plugins/studio/bundle/bundle.ts";
import { Browser } from "./browser.ts";
import { seen } from "./served.ts";

const files = Deno.args;
const { text, imports } = await bundle(new URL("golden_page.ts", import.meta.url).href);
assertEquals(imports, [], "what a page cannot load");
const contents = new Map<string, readonly [string | Uint8Array<ArrayBuffer>, string]>([
  ["/", ["<!DOCTYPE html><link rel=icon href=data:,><title>golden file</title>", "text/html"]],
  ["/golden.js", [text, "text/javascript"]],
]);
for (const name of files) {
  const bytes = await Deno.readFile(new URL(`../fixtures/${name}`, import.meta.url));
  contents.set(`/${name}`, [bytes, "application/octet-stream"]);
}
await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
  const [body, type] = contents.get(new URL(url).pathname) ?? [];
  if (body === undefined) return new Response("none", { status: 404 });
  return new Response(body, { headers: { "content-type": type! } });
});
await using browser = await Browser.start();
await browser.open(`http://127.0.0.1:${server.addr.port}/`);
const found = await browser.evaluate(
  `import("/golden.js").then(({ verifyInPage }) => verifyInPage("/${files[0]}"))`,
);
assertEquals(browser.faults, []);
seen(JSON.stringify(found));
