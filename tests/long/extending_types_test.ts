import { assertEquals } from "@std/assert";
import { fromFileUrl } from "../../core/recipe/paths.ts";
import { inTempFolder } from "../command.ts";
import { writeDocumentedFiles } from "../documented_files.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

Deno.test("the plugins and tests of docs/extending.md have the right types", async () => {
  await inTempFolder(async (folder) => {
    await writeDocumentedFiles(folder);
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", `--config=${ROOT}deno.json`, folder],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
  });
});
