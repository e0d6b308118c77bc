import { assert, assertEquals } from "@std/assert";
import { decodePng } from "seamstress";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { inTempFolder, runDeno } from "./command.ts";
import { type Notebook, notebookModule } from "./readme/notebook.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url)).replace(/\/$/, "");

/**
 * Stands in for what a kernel gives beside the language, pictures and showing values. A picture becomes a file.
 */
const KERNEL = `
globalThis.jupyter = { image: (bytes) => ({ png: bytes }) };
const shown = [];
globalThis.show = async (cell, value) => {
  if (value?.png) await Deno.writeFile(\`\${Deno.args[0]}/shown.png\`, value.png);
  shown.push([cell, value?.png ? "png" : value]);
  await Deno.writeTextFile(\`\${Deno.args[0]}/shown.json\`, JSON.stringify(shown));
};
`;

Deno.test("the cells of docs/notebook.ipynb run in order: a training whose loss falls, a class, a picture", async () => {
  const text = await Deno.readTextFile(`${ROOT}/docs/notebook.ipynb`);
  const notebook: Notebook = JSON.parse(text);
  assertEquals(notebook.metadata.kernelspec.name, "deno");
  assert(notebook.cells.every(({ outputs = [] }) => outputs.length === 0), "it has outputs");
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/kernel.ts`, KERNEL);
    await Deno.writeTextFile(
      `${folder}/notebook.ts`,
      `import "./kernel.ts";\n${notebookModule(notebook, "show")}`,
    );
    const flags = ["--no-check", "--no-prompt", "--allow-read", "--allow-write"];
    const { code, err } = await runDeno(
      ["run", ...flags, "--config=deno.json", `${folder}/notebook.ts`, folder],
      { env: { TMPDIR: folder } },
    );
    assertEquals(code, 0, err);
    const shown: [number, unknown][] = JSON.parse(await Deno.readTextFile(`${folder}/shown.json`));
    const [losses, classes, picture] = shown.slice(-3).map(([, value]) => value);
    const { steps, first, last } = losses as Record<"steps" | "first" | "last", number>;
    assertEquals(steps, 40);
    assert(last < 0.9 * first, `the loss goes from ${first} to ${last}`);
    assert(Array.isArray(classes) && classes.length > 0, String(classes));
    assertEquals(picture, "png");
    const { raster } = decodePng(await Deno.readFile(`${folder}/shown.png`), "shown.png");
    assertEquals([raster.width, raster.height, raster.channels], [64, 64, 3]);
    assert(new Set(raster.data).size > 50, "the picture is flat");
  });
});

Deno.test("a cell's last expression is shown, others are not, and imports stand in front", () => {
  const cell = (code: string) => ({ cell_type: "code" as const, source: [code] });
  const module = notebookModule({
    metadata: { kernelspec: { name: "deno" } },
    cells: [
      cell("const a = 1;\na + 1;\n({ a });"),
      { cell_type: "markdown", source: ["# b"] },
      cell('import { b } from "c";\nb();\nconst d = 2;'),
    ],
  }, "show");
  assertEquals(
    module,
    'import { b } from "c";\nconst a = 1;\na + 1;\nawait show(0, { a });\nb();\nconst d = 2;\n',
  );
});
