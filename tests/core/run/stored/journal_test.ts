import { assert, assertEquals, assertRejects } from "@std/assert";
import { writeAtomic } from "../../../../core/run/atomic.ts";
import { hashBytes } from "../../../../core/run/hash.ts";
import { Journal } from "../../../../core/run/stored/journal.ts";
import { inTempFolder } from "../../../command.ts";

const sha256 = (text: string) => hashBytes(new TextEncoder().encode(text));

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

Deno.test("Journal.finish() gives the hash of every file as it was to be written, and leaves no file of its own", () =>
  inTempFolder(async (folder) => {
    await Deno.mkdir(`${folder}/cams`);
    const { journal } = await Journal.open(folder);
    using _ = journal;
    await journal.write(`${folder}/cams/a`, "first");
    await journal.write(`${folder}/cams/a`, "a");
    await journal.write(`${folder}/gone`, "gone");
    await Deno.remove(`${folder}/gone`);
    await Deno.writeTextFile(`${folder}/by-other-means`, "b");
    await Deno.writeTextFile(`${folder}/stage.json`, "{}");
    await Deno.writeTextFile(`${folder}/c.0123abcd.tmp`, "half");
    // Damaged between writing and the stage's end: what was to be written counts.
    await Deno.writeTextFile(`${folder}/cams/a`, "A");
    assertEquals(await journal.finish(), {
      "by-other-means": await sha256("b"),
      "cams/a": await sha256("a"),
    });
    assert(!(await names(folder)).includes("files.jsonl"));
  }));

Deno.test("a stage that ends without writing anything leaves no journal behind its marker", () =>
  inTempFolder(async (folder) => {
    // An earlier process wrote all files and was killed before the marker.
    await Deno.writeTextFile(`${folder}/a`, "a");
    const { journal } = await Journal.open(folder);
    using _ = journal;
    assertEquals(await journal.finish(), { a: await sha256("a") });
    await writeAtomic(`${folder}/stage.json`, "{}");
    assertEquals(await names(folder), ["a", "stage.json"]);
  }));

Deno.test("Journal.write() leaves nothing outside its stage's folder", () =>
  inTempFolder(async (folder) => {
    await Deno.mkdir(`${folder}/a`);
    const { journal } = await Journal.open(`${folder}/a`);
    using _ = journal;
    await assertRejects(() => journal.write(`${folder}/ab`, "b"), RangeError, `${folder}/ab`);
    assertEquals(await names(folder), ["a"]);
  }));

Deno.test("Journal removes what was changed between two attempts, and only that", () =>
  inTempFolder(async (folder) => {
    {
      const { journal } = await Journal.open(folder);
      using _ = journal;
      for (const name of ["a", "b", "c"]) await journal.write(`${folder}/${name}`, name);
    }
    await Deno.writeTextFile(`${folder}/b`, "B");
    await Deno.remove(`${folder}/c`);
    await Deno.writeTextFile(`${folder}/unknown`, "u");
    // A killed process wrote its last line in part.
    await Deno.writeTextFile(`${folder}/files.jsonl`, '["unkn', { append: true });
    const { journal, removed } = await Journal.open(folder);
    using _ = journal;
    assertEquals(removed, ["b"]);
    assertEquals(await names(folder), ["a", "files.jsonl", "unknown"]);
    await journal.write(`${folder}/b`, "b");
    assertEquals(Object.keys(await journal.finish()), ["a", "b", "unknown"]);
  }));

Deno.test("Journal keeps a file whose replacement was noted and not done, or done and not noted", () =>
  inTempFolder(async (folder) => {
    {
      const { journal } = await Journal.open(folder);
      using _ = journal;
      await journal.write(`${folder}/last.json`, "old");
      // Killed before the renaming.
      journal.record("last.json", new TextEncoder().encode("new"));
    }
    const { journal, removed } = await Journal.open(folder);
    using _ = journal;
    assertEquals(removed, []);
    assertEquals(await journal.finish(), { "last.json": await sha256("old") });
  }));
