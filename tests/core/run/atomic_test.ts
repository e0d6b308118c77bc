import { assert, assertEquals, assertRejects } from "@std/assert";
import { removeTemporaries, writeAtomic, writeError } from "../../../core/run/atomic.ts";
import { isUserError } from "../../../core/errors.ts";
import { leaveOut } from "../../leave_out.ts";

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name);
}

Deno.test("writeAtomic() writes text and bytes, replaces what was there and leaves nothing else", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a.json`;
    await writeAtomic(path, "first, longer");
    await writeAtomic(path, "zweite ü");
    assertEquals(await Deno.readTextFile(path), "zweite ü");
    const bytes = new Uint8Array(3_000_001).map((_, i) => i % 251);
    await writeAtomic(path, bytes);
    assertEquals(await Deno.readFile(path), bytes);
    assertEquals(await namesIn(folder), ["a.json"]);
  }));

Deno.test("writeAtomic() of one file by many at a time leaves one of their contents, whole, and nothing else", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a.bin`;
    const contents = Array.from({ length: 16 }, (_, i) => new Uint8Array(200_000 + i).fill(i));
    await Promise.all(contents.map((content) => writeAtomic(path, content)));
    const found = await Deno.readFile(path);
    assertEquals(found, contents[found.length - 200_000]);
    assertEquals(await namesIn(folder), ["a.bin"]);
  }));

Deno.test("writeAtomic() flushes the folder after it renamed the file there", async () => {
  await inFolder(async (folder) => {
    const trace = `${folder}/trace`;
    const write = new URL("processes/write_one.ts", import.meta.url).pathname;
    const run = [Deno.execPath(), "run", "--no-check", "--allow-read", "--allow-write", write];
    const calls = "rename,renameat,renameat2,fsync,fdatasync,openat";
    const child = await tryOutput("strace", [
      ...["-f", "-y", "-e", `trace=${calls}`, "-o", trace, ...run, `${folder}/a.json`],
    ]);
    if (!child?.success) {
      return leaveOut("cannot trace system calls here (strace)");
    }
    const lines = (await Deno.readTextFile(trace)).split("\n");
    const renamed = lines.findIndex((line) => /rename/.test(line) && line.includes("a.json"));
    assert(renamed >= 0, lines.join("\n"));
    const flushed = (line: string) => line.includes("fsync(") && line.includes(`<${folder}>`);
    assert(lines.slice(renamed).some(flushed), lines.slice(renamed).join("\n"));
  });
});

Deno.test("removeTemporaries() removes what killed writes left, in folders below too, and nothing else", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/b`);
    for (const name of ["a.json.0123abcd.tmp", "b/c.png.ffffffff.tmp", "notes.tmp", "b/d.tmp"]) {
      await Deno.writeTextFile(`${folder}/${name}`, "");
    }
    await removeTemporaries(folder);
    assertEquals((await namesIn(folder)).sort(), ["b", "notes.tmp"]);
    assertEquals(await namesIn(`${folder}/b`), ["d.tmp"]);
  }));

Deno.test("writeAtomic() names the file where its folder is missing", () =>
  inFolder(async (folder) => {
    const error = await assertRejects(
      () => writeAtomic(`${folder}/none/a.json`, "x"),
      Error,
      `${folder}/none/a.json`,
    );
    assert(isUserError(error));
  }));

Deno.test("writeAtomic() leaves nothing behind where the name is taken by a folder", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/a.json`);
    await assertRejects(() => writeAtomic(`${folder}/a.json`, "x"), Error, "a.json");
    assertEquals(await namesIn(folder), ["a.json"]);
  }));

Deno.test("writeAtomic() on a full disk says so and keeps the previous file", () =>
  inFolder(async (folder) => {
    // A disk of 64 KiB that only the child sees: a tmpfs in a mount namespace of its own, which needs no special rights.
    const mount = 'mount -t tmpfs -o size=64k tmpfs "$0" && echo mounted && exec "$@"';
    const overfill = new URL("processes/overfill.ts", import.meta.url).pathname;
    const run = [Deno.execPath(), "run", "--no-check", "--allow-read", "--allow-write"];
    const child = await tryOutput("unshare", [
      ...["--map-root-user", "--mount", "sh", "-c", mount, folder],
      ...[...run, overfill, folder],
    ]);
    const [first, last = ""] = new TextDecoder().decode(child?.stdout).split("\n");
    if (first !== "mounted") {
      return leaveOut("cannot mount a small disk here (unshare, tmpfs)");
    }
    const result = JSON.parse(last);
    assertEquals(result.userError, true);
    for (const text of [`${folder}/last.json`, "disk is full", "300000 bytes"]) {
      assert(result.message.includes(text), `"${result.message}" does not say "${text}"`);
    }
    assertEquals(result.content, "previous");
    assertEquals(result.names, ["last.json"]);
  }));

async function tryOutput(
  command: string,
  args: string[],
): Promise<Deno.CommandOutput | undefined> {
  try {
    return await new Deno.Command(command, { args, stderr: "inherit" }).output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

Deno.test("writeError() gives other errors in the system's words", () => {
  const error = writeError(new Error("Input/output error"), "runs/a/last.json", 3);
  assertEquals(error.message, "Cannot write runs/a/last.json: Input/output error");
});
