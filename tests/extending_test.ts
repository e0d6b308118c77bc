import { assert, assertEquals } from "@std/assert";
import { inTempFolder, runSeamstress } from "./command.ts";

/** The files that docs/extending.md shows, by name. */
async function documentedFiles(): Promise<Map<string, string>> {
  const text = await Deno.readTextFile(new URL("../docs/extending.md", import.meta.url));
  const blocks = text.matchAll(/^```\w+ file=(\S+)\n(.*?)^```$/gms);
  return new Map([...blocks].map(([, name, content]) => [name!, content!]));
}

async function writeFiles(folder: string): Promise<void> {
  const files = await documentedFiles();
  assertEquals([...files.keys()], ["absence.ts", "absence.yaml"]);
  for (const [name, content] of files) await Deno.writeTextFile(`${folder}/${name}`, content);
}

Deno.test("the loss of docs/extending.md trains from a folder outside the project", async () => {
  await inTempFolder(async (folder) => {
    await writeFiles(folder);
    const { code, err } = await runSeamstress([
      "run",
      `${folder}/absence.yaml`,
      "--backend=wasm",
      `--out=${folder}/run`,
    ]);
    assertEquals(code, 0, err);
    const steps = (await Deno.readTextFile(`${folder}/run/metrics.jsonl`)).trim().split("\n")
      .map((line) => JSON.parse(line)).filter((event) => event.event === "step");
    assertEquals(steps.map(({ step }) => step), [1, 2, 3, 4]);
    // It starts at step 2, counted from 0: the third and fourth have it.
    assertEquals(steps.map(({ losses }) => "absence" in losses), [false, false, true, true]);
    for (const { losses } of steps.slice(2)) {
      const total = losses.classification + 0.1 * losses.absence;
      assert(Math.abs(losses.loss - total) < 1e-5 * total, JSON.stringify(losses));
    }
  });
});

Deno.test("the user error that docs/extending.md shows gives the message that it shows", async () => {
  await inTempFolder(async (folder) => {
    await writeFiles(folder);
    const { code, err } = await runSeamstress([
      "run",
      `${folder}/absence.yaml`,
      "--set=losses.absence.pwer=2",
      `--out=${folder}/run`,
    ]);
    assertEquals(code, 1);
    const text = await Deno.readTextFile(new URL("../docs/extending.md", import.meta.url));
    const shown = text.match(/^(?:# .*\n)*# error: .*$/m)![0].replace(/^# /gm, "");
    assertEquals(err.trim().replaceAll(folder, "ideas"), shown);
  });
});
