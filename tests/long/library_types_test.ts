import { assertEquals } from "@std/assert";
import { inLibraryProject } from "../library_project.ts";

Deno.test("the examples of docs/library.md have the right types, as their own project checks them", async () => {
  await inLibraryProject(async (deno, _folder, files) => {
    const { code, err } = await deno("check", ...files.filter((name) => name.endsWith(".ts")));
    assertEquals(code, 0, err);
  });
});
