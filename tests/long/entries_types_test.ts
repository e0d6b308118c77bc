import { assertEquals } from "@std/assert";
import { inTempFolder } from "../command.ts";
import { copyPluginsTo, writeOutsideConfig } from "../entries/outside.ts";

Deno.test("every shipped plugin has the right types outside of the tree, against the three entries alone", async () => {
  await inTempFolder(async (folder) => {
    await copyPluginsTo(folder);
    await writeOutsideConfig(folder);
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "."],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
  });
});
