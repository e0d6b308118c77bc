import { assertEquals } from "@std/assert";
import { inTempFolder, runDeno } from "../command.ts";
import { copyPluginsTo, writeOutsideConfig } from "../entries/outside.ts";

Deno.test("every shipped plugin has the right types outside of the tree, against the three entries alone", async () => {
  await inTempFolder(async (folder) => {
    await copyPluginsTo(folder);
    await writeOutsideConfig(folder);
    const { code, err } = await runDeno(["check", "--quiet", "."], { cwd: folder });
    assertEquals(code, 0, err);
  });
});
