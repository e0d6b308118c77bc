import { assert, assertEquals, assertMatch } from "@std/assert";
import { presentBackends } from "../../backends.ts";
import { callSeamstress } from "../../call.ts";
import { inTempFolder } from "../../command.ts";
import { loggedSteps } from "../../logged.ts";
import { shownFiles } from "../../readme/shown_files.ts";

/** Writes the files that docs/operations.md shows. */
async function writeFiles(folder: string): Promise<void> {
  const text = await Deno.readTextFile(new URL("../../../docs/operations.md", import.meta.url));
  const files = shownFiles(text);
  const names = ["squared_relu.ts", "squared_relu.yaml", "squared_relu_bench.ts"];
  assertEquals([...files.keys()], names);
  for (const [name, content] of files) await Deno.writeTextFile(`${folder}/${name}`, content);
}

Deno.test({
  name: "an operation from outside runs on every backend, and its shape is foreseen",
  // A device outlives the test.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inTempFolder(async (folder) => {
      await writeFiles(folder);
      const recipe = `${folder}/squared_relu.yaml`;
      const losses: number[][] = [];
      for (const backend of presentBackends) {
        const common = ["run", recipe, `--backend=${backend}`, `--out=${folder}/${backend}`];
        const planned = await callSeamstress([...common, "--dry-run"]);
        assertEquals(planned.code, 0, planned.err);
        assert(!planned.out.includes("not estimated"), planned.out);
        assertMatch(planned.out, /tensors/);
        const profile = backend === "webgpu" ? ["--profile", "--profile-steps=1-2"] : [];
        const { code, err } = await callSeamstress([...common, ...profile]);
        assertEquals(code, 0, err);
        const steps = await loggedSteps(`${folder}/${backend}`);
        losses.push(steps.map(({ losses }) => losses.silence));
        if (backend !== "webgpu") continue;
        // Its kernel ran, not its composition.
        const kernels = await Deno.readTextFile(`${folder}/webgpu/profile/cam.md`);
        assertMatch(kernels, /SeamstressSquaredRelu/);
      }
      const [first] = losses;
      assertEquals(first!.length, 2);
      assert(first!.every((loss) => loss > 0));
      for (const other of losses) {
        other.forEach((loss, i) =>
          assert(Math.abs(loss - first![i]!) < 1e-3 * first![i]!, JSON.stringify(losses))
        );
      }
    }),
});

Deno.test("deno bench finds the cases of an operation from outside", async () => {
  await inTempFolder(async (folder) => {
    await writeFiles(folder);
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["bench", "--no-check", "--allow-read", "bench/wasm_kernels.bench.ts"],
        ...["--filter", "squared relu", "--", "--with", `${folder}/squared_relu_bench.ts`],
      ],
      cwd: new URL("../../..", import.meta.url),
      env: { NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert(success, text + new TextDecoder().decode(stderr));
    // Its three implementations at the one size that a CPU gets.
    assertEquals([...text.matchAll(/^\| squared relu 56x56x64, 1\.61 MB: /gm)].length, 3, text);
  });
});
