import { assertEquals } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { namesIn, tableUnder } from "./readme/tables.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`)) as {
  tasks: Record<string, { command: string }>;
};
const page = await Deno.readTextFile(`${ROOT}docs/permissions.md`);

/** Words of the table's last column, by the flag that they stand for. */
const BESIDES: Readonly<Record<string, RegExp>> = {
  "--allow-env": /variables/,
  "--allow-ffi": /native code/,
  "--allow-net": /answers on 127\.0\.0\.1/,
  "--allow-run": /starts Deno/,
  "--allow-sys": /memory|the same/,
};

/** What a task may do besides reading and writing, and how its row says so. */
function besides(flags: ReadonlyMap<string, string | undefined>): string[] {
  return [...flags.keys()].filter((flag) => Object.hasOwn(BESIDES, flag)).sort();
}

Deno.test("docs/permissions.md says of each task what deno.json grants it, and no more", () => {
  const listed = new Set<string>();
  for (const [names, reads, writes, more] of tableUnder(page, "task")) {
    for (const name of namesIn(names!)) {
      listed.add(name);
      // The task `test` starts another one.
      const { command } = tasks[name === "test" ? "test-file" : name]!;
      const flags = new Map(
        command.split(" ").filter((word) => word.startsWith("--allow-"))
          .map((word) => [word.split("=")[0]!, word.split("=")[1]]),
      );
      assertEquals(reads !== "", flags.has("--allow-read"), `${name} reads`);
      const where = flags.has("--allow-write") ? flags.get("--allow-write") ?? "anywhere" : "";
      const folders = namesIn(writes!).join(",");
      const said = folders || writes!.replace("this folder", ".");
      assertEquals(said, where, `${name} writes`);
      const words = Object.keys(BESIDES).filter((flag) => BESIDES[flag]!.test(more!)).sort();
      assertEquals(words, besides(flags), `${name} besides`);
    }
  }
  const commands = Object.keys(tasks).filter((name) => tasks[name]!.command.includes("cli.ts "));
  assertEquals([...listed].filter((name) => name !== "test").sort(), commands.sort());
});
