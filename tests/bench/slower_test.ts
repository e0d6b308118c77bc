import { assertEquals } from "@std/assert";
import { SLOWER } from "../../bench/measure/slower.ts";
import { fromFileUrl } from "../../core/recipe/paths.ts";
import { inTempFolder } from "../command.ts";

const root = fromFileUrl(new URL("../..", import.meta.url)).replace(/\/$/, "");

Deno.test("after a file of benchmarks deno bench lists what took longer than its baseline, the slowest first", async () => {
  await inTempFolder(async (folder) => {
    const file = `${folder}/waiting.bench.ts`;
    await Deno.writeTextFile(
      file,
      `import { registerBench } from ${JSON.stringify(`${root}/bench/measure/deno_bench.ts`)};
const wait = (ms: number) => ({
  run() {
    const until = performance.now() + ms;
    while (performance.now() < until);
  },
});
registerBench({ name: "twice", implementations: { ours: wait(40), tfjs: wait(20) } });
registerBench({ name: "four times", implementations: { ours: wait(80), tfjs: wait(20) } });
registerBench({ name: "faster", implementations: { ours: wait(1), tfjs: wait(30) } });
registerBench({ name: "to save memory", implementations: { recompute: wait(30), ours: wait(2) } });
// Slower only in the five calls of deno bench itself, the first of them to warm up.
let calls = 0;
const warming = { run: () => wait(calls++ < 5 ? 60 : 20).run() };
registerBench({ name: "of late", implementations: { ours: warming, tfjs: wait(30) } });
registerBench({ name: "composed", implementations: { composed: wait(30), ours: wait(2), tfjs: wait(2.5) } });
registerBench({ name: "than composed", implementations: { composed: wait(2), ours: wait(6) } });
`,
    );
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["bench", "--no-check", "--allow-read", file],
      cwd: root,
    }).output();
    const lines = new TextDecoder().decode(stdout).split("\n").filter((line) =>
      line.startsWith(SLOWER)
    );
    assertEquals(lines.map((line) => line.split(":")[1]), [
      " four times",
      " than composed",
      " twice",
    ]);
  });
});
