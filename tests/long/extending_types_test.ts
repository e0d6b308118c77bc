import { assertEquals } from "@std/assert";
import { inTempFolder, runDeno } from "../command.ts";
import { writeDocumentedFiles } from "../documented_files.ts";

Deno.test("the plugins and tests of docs/extending.md have the right types", async () => {
  await inTempFolder(async (folder) => {
    await writeDocumentedFiles(folder);
    const { code, err } = await runDeno(["check", "--quiet", "--config=deno.json", folder]);
    assertEquals(code, 0, err);
  });
});
