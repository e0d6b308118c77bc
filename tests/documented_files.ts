import { assertEquals } from "@std/assert";
import { shownFiles } from "./readme/shown_files.ts";

/** Writes the files that docs/extending.md shows into a folder. */
export async function writeDocumentedFiles(folder: string): Promise<void> {
  const files = shownFiles(
    await Deno.readTextFile(new URL("../docs/extending.md", import.meta.url)),
  );
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
