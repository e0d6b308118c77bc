/**
 * Runs every question under `deno bench`, and lists at the end which implementations took longer than the baseline of their case.
 *
 *   deno task bench [--filter "conv 3x3"] [bench/step_wasm.bench.ts]
 *
 * @module
 */
import { fromFileUrl } from "seamstress";
import { linesOf } from "./measure/lines.ts";
import { print } from "./measure/print.ts";
import { SLOWER } from "./measure/slower.ts";

const FOLDER = fromFileUrl(new URL(".", import.meta.url));

const files = Deno.args.some((arg) => arg.endsWith(".bench.ts")) ? [] : [FOLDER];
const began = performance.now();
const bench = new Deno.Command(Deno.execPath(), {
  args: ["bench", "--no-check", "--allow-read", ...Deno.args, ...files],
  stdout: "piped",
}).spawn();
const slower: string[] = [];
for await (const line of linesOf(bench.stdout)) {
  if (line.startsWith(SLOWER)) slower.push(line.slice(SLOWER.length));
  else print(line);
}
const { code } = await bench.status;
print(`\n${Math.round((performance.now() - began) / 1000)} s.`);
if (slower.length > 0) {
  print(`Slower than their baseline:\n${slower.map((line) => `- ${line}`).join("\n")}`);
} else print("Nothing is slower than its baseline.");
Deno.exit(code);
