import { assertEquals } from "@std/assert";

/** The files that docs/extending.md shows, by name. */
async function documentedFiles(): Promise<Map<string, string>> {
  const text = await Deno.readTextFile(new URL("../docs/extending.md", import.meta.url));
  const blocks = text.matchAll(/^```\w+ file=(\S+)\n(.*?)^```$/gms);
  return new Map([...blocks].map(([, name, content]) => [name!, content!]));
}

/** Writes them into a folder. */
export async function writeDocumentedFiles(folder: string): Promise<void> {
  const files = await documentedFiles();
  assertEquals([...files.keys()], [
    "absence.ts",
    "absence.yaml",
    "absence_test.ts",
    "mean_teacher.ts",
    "mean_teacher_test.ts",
    "two.ts",
    "two_test.ts",
    "mean_teacher.yaml",
  ]);
  for (const [name, content] of files) await Deno.writeTextFile(`${folder}/${name}`, content);
}
