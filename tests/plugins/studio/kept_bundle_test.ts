import { assertEquals, assertRejects } from "@std/assert";
import { hashBytes } from "../../../core/run/hash.ts";
import { keptBundle, type Made } from "../../../plugins/studio/bundle/kept_bundle.ts";
import { inTempFolder } from "../../command.ts";

/** Makes a bundle of one file, its text, and counts how often. */
function maker(file: string) {
  const made = { times: 0 };
  const make = async (): Promise<Made> => {
    made.times++;
    const bytes = await Deno.readFile(file);
    return { text: new TextDecoder().decode(bytes), files: { [file]: await hashBytes(bytes) } };
  };
  return { made, make };
}

Deno.test("a bundle is kept until a file that it was made of changes, is gone, or the kept one is damaged", async () => {
  await inTempFolder(async (folder) => {
    const file = `${folder}/a.js`, cache = `${folder}/cache`, kept = `${cache}/networks.json`;
    const { made, make } = maker(file);
    const expected = async (text: string, times: number) =>
      assertEquals([await keptBundle(cache, make), made.times], [text, times]);
    await Deno.writeTextFile(file, "one");
    await expected("one", 1);
    await expected("one", 1);
    await Deno.writeTextFile(file, "two");
    await expected("two", 2);
    await expected("two", 2);
    await Deno.truncate(kept, 20);
    await expected("two", 3);
    const { files, text } = JSON.parse(await Deno.readTextFile(kept));
    const gone = { ...files, [`${folder}/gone.js`]: files[file] };
    await Deno.writeTextFile(kept, JSON.stringify({ files: gone, text }));
    await expected("two", 4);
    // What bundles is a part of it: the configuration, and esbuild.
    const names = Object.keys(files).map((path) => path.split("/").at(-1));
    assertEquals(names.includes("deno.json") && names.includes("esbuild.wasm"), true);
    await Deno.remove(file);
    await assertRejects(() => keptBundle(cache, make), Deno.errors.NotFound);
  });
});

Deno.test("where a bundle cannot be kept it is made each time", async () => {
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.js`, "one");
    const { made, make } = maker(`${folder}/a.js`);
    // A file stands where the folder would be.
    await keptBundle(`${folder}/a.js`, make);
    assertEquals([await keptBundle(`${folder}/a.js`, make), made.times], ["one", 2]);
  });
});
