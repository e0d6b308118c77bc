import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { inTempFolder, runDeno } from "./command.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** What a command says where it may write below runs/ alone. */
async function advice(folder: string, ...args: readonly string[]): Promise<string> {
  const flags = ["--allow-read", "--allow-write=runs", "--allow-env=VOC_ROOT,VOC_LABELS,RESNET38"];
  const { code, err } = await runDeno(
    ["run", "--no-prompt", ...flags, "cli.ts", ...args, "--out", folder],
  );
  assertEquals(code, 1, err);
  const [first, ...rest] = err.trim().split("\n").slice(-2);
  assertStringIncludes(first!, `Cannot write to ${folder}: tasks may write below runs/ only`);
  return rest.join("\n").trim();
}

Deno.test("a command that may not write into a folder says how it may, under its own name", async () => {
  await inTempFolder(async (run) => {
    // The least that the studio takes for a run.
    const folder = "/nowhere/results";
    await Deno.copyFile(`${ROOT}recipes/mini/baseline.yaml`, `${run}/recipe.yaml`);
    const start = "deno run --allow-read --allow-write=/nowhere/results";
    const end = "--out /nowhere/results";
    for (
      const [args, expected] of [
        [
          ["cam", "docs/demo.png", "--from", "runs/x"],
          `${start} cli.ts cam IMAGE... --from RUN ${end}`,
        ],
        [["export", "runs/x", "--to", "torch"], `${start} cli.ts export RUN --to torch ${end}`],
        [["studio", "export", run], `${start} cli.ts studio export RUN ${end}`],
        [
          ["sweep", "recipes/mini/baseline.yaml"],
          `${start} --allow-run=${Deno.execPath()} cli.ts sweep RECIPE ${end}`,
        ],
        [["run", "recipes/mini/baseline.yaml"], `${start} cli.ts run RECIPE ${end}`],
        [
          ["run", "recipes/voc12/seam.yaml"],
          `${start} --allow-env=RESNET38,VOC_LABELS,VOC_ROOT cli.ts run RECIPE ${end}`,
        ],
      ] as const
    ) assertEquals(await advice(folder, ...args), expected);
  });
});

Deno.test("the advice works as a shell reads it, for a folder with a space", async () => {
  await inTempFolder(async (parent) => {
    const folder = `${parent}/two words`;
    const said = await advice(folder, "run", "recipes/mini/baseline.yaml");
    const line = said.replace("RECIPE", "recipes/mini/baseline.yaml").replace(
      /^deno run /,
      'exec "$0" run --no-prompt ',
    );
    const { code, stderr } = await new Deno.Command("sh", {
      args: ["-c", `${line} --dry-run --backend cpu`, Deno.execPath()],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
  });
});
