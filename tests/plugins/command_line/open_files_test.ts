import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "../../../core/recipe/paths.ts";

const ROOT = fromFileUrl(new URL("../../..", import.meta.url));

Deno.test({
  name: "a limit on open files that a run would end at is said before it begins",
  ignore: Deno.build.os === "windows",
  async fn() {
    for (const limit of [40, 64]) {
      const { code, stderr } = await new Deno.Command("sh", {
        args: [
          ...["-c", `ulimit -n ${limit}; exec "$@"`, "sh", Deno.execPath()],
          ...["run", "--no-prompt", "--allow-read", "cli.ts", "run", "recipes/mini/export.yaml"],
          "--dry-run",
        ],
        cwd: ROOT,
        env: { NO_COLOR: "1" },
      }).output();
      const said = new TextDecoder().decode(stderr);
      assertEquals(code, 1, said);
      assertMatch(
        said,
        /^error: Cannot run: this process may open \d+ more files.*ulimit -n 1024$/m,
      );
    }
  },
});
