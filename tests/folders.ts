import { assertEquals } from "@std/assert";

/** Copies a folder. */
export async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

/** Every file below a folder, by relative path, sorted. */
export async function filesBelow(folder: string, prefix = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${prefix}`)) {
    if (isDirectory) found.push(...await filesBelow(folder, `${prefix}${name}/`));
    else found.push(`${prefix}${name}`);
  }
  return found.sort();
}

/** Every file's bytes, by path. */
export async function contents(folder: string): Promise<Record<string, Uint8Array>> {
  const files = await filesBelow(folder);
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file, await Deno.readFile(`${folder}/${file}`)])),
  );
}

/** What must be equal in the end. A marker names its execution, and what the executions before it were called. */
async function content(path: string): Promise<unknown> {
  if (!path.endsWith("/stage.json")) return await Deno.readFile(path);
  const { made: _, fingerprint: __, sha256: ___, ...rest } = JSON.parse(
    await Deno.readTextFile(path),
  );
  return rest;
}

/** Compares what the stages of two runs left, file by file. @returns how many files that are */
export async function compareStages(found: string, wanted: string): Promise<number> {
  const files = await filesBelow(`${wanted}/stages`);
  assertEquals(await filesBelow(`${found}/stages`), files);
  for (const file of files) {
    const [a, b] = await Promise.all(
      [found, wanted].map((run) => content(`${run}/stages/${file}`)),
    );
    assertEquals(a, b, file);
  }
  return files.length;
}
