import { fromFileUrl, hashFile, writeAtomic } from "seamstress";
import * as z from "zod";
import type { Bundle } from "./bundle.ts";

/** A bundle as it is made: its text, and what it was made of. */
export type Made = Pick<Bundle, "text" | "files">;

/** The file in the cache: one, since an older one is of no use. */
const NAME = "networks.json";

/** Files that decide about a bundle beside the modules in it: how it is made, by which package, and what import names stand for. */
const makers = () =>
  [
    ...["bundle.ts", "resolve.ts"].map((name) => new URL(name, import.meta.url).href),
    import.meta.resolve("esbuild-wasm/esbuild.wasm"),
    ...["deno.json", "deno.lock"].map((name) => new URL(`../../../${name}`, import.meta.url).href),
  ].map(fromFileUrl);

const kept = z.strictObject({
  /** SHA-256 by path. */
  files: z.record(z.string(), z.string()),
  text: z.string(),
});

/** SHA-256 of each file; `none` of one that is not there. */
async function hashesOf(paths: readonly string[]): Promise<Record<string, string>> {
  return Object.fromEntries(
    await Promise.all(
      paths.map(async (path) => [path, await hashFile(path).catch(() => "none")] as const),
    ),
  );
}

/** What was kept, where every file is what it was. */
async function readKept(path: string): Promise<string | undefined> {
  try {
    const { files, text } = kept.parse(JSON.parse(await Deno.readTextFile(path)));
    const now = await hashesOf(Object.keys(files));
    return Object.entries(files).every(([file, hash]) => now[file] === hash) ? text : undefined;
  } catch {
    // None yet, or one that is damaged: it is made again.
    return undefined;
  }
}

/**
 * The bundle that was kept in a folder, if it is what would be made now: every file that it was made of has the same content; else
 * makes it, and keeps it. Where the folder cannot be written, it is made each time.
 *
 * @param folder that this process may write
 * @param make makes it
 * @returns its text
 * @throws what `make` throws
 */
export async function keptBundle(folder: string, make: () => Promise<Made>): Promise<string> {
  const path = `${folder}/${NAME}`;
  const before = await readKept(path);
  if (before !== undefined) return before;
  const hashes = await hashesOf(makers());
  const { text, files } = await make();
  const all = { files: { ...hashes, ...files }, text };
  await Deno.mkdir(folder, { recursive: true })
    .then(() => writeAtomic(path, JSON.stringify(all)))
    .catch(() => {});
  return text;
}
