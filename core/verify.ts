import type { GoldenFile, Quantity } from "./contracts/fixture.ts";
import { isMistake, messageOf, mistake } from "./errors.ts";
import type { Maker } from "./plugin.ts";
import { readSafetensors } from "./safetensors.ts";

/** What became of one golden file. */
export interface Verification {
  readonly path: string;
  /** The file's kind, where it could be read. */
  readonly kind?: string;
  readonly seconds: number;
  readonly quantities: readonly (Quantity & { readonly passed: boolean })[];
  /** Why it could not be recomputed. */
  readonly error?: string;
  /** True where there is no error and every quantity is within its tolerance. */
  readonly passed: boolean;
}

/** What {@linkcode verify} works with. */
export interface VerifyOptions {
  /** Makes the fixture plugin of a file's kind. */
  readonly maker: Maker;
  /** Throws where the device reported an error; asked after every file. */
  readonly check?: () => Promise<void>;
}

const PLAIN_NAME = /^[^/\\]+$/;

/**
 * Recomputes golden files.
 *
 * @param paths files, and folders of which every `*.safetensors` with a `kind` is taken
 * @param options the maker of fixture plugins, and a check of the device
 * @returns what became of each file, in order; a file that cannot be recomputed has its error there
 */
export async function verify(
  paths: readonly string[],
  options: VerifyOptions,
): Promise<readonly Verification[]> {
  const results: Verification[] = [];
  for (const path of paths) {
    const folder = await isFolder(path);
    const files = folder ? await safetensorsIn(path) : [path];
    const found = results.length;
    for (const file of files) {
      const result = await verifyFile(file, options, folder);
      if (result !== undefined) results.push(result);
    }
    if (folder && results.length === found) {
      results.push(failed(path, "it holds no *.safetensors with a kind in its metadata", 0));
    }
  }
  return results;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    // Reading it says what is wrong.
    return false;
  }
}

async function safetensorsIn(folder: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name);
  return names.filter((name) => /^[^.].*\.safetensors$/.test(name)).sort()
    .map((name) => `${folder.replace(/[/\\]$/, "")}/${name}`);
}

/** @returns nothing for a file without a kind where that is allowed */
async function verifyFile(
  path: string,
  { maker, check }: VerifyOptions,
  kindless: boolean,
): Promise<Verification | undefined> {
  const start = performance.now();
  let kind: string | undefined;
  try {
    const file = await readGolden(path);
    kind = file.metadata["kind"];
    if (kind === undefined) {
      if (kindless) return undefined;
      throw mistake(new TypeError("its metadata names no kind"));
    }
    const fixture = await maker.create("fixture", { use: kind }, undefined);
    const quantities = (await fixture.verify(file)).map((quantity) => ({
      ...quantity,
      passed: (quantity[quantity.criterion] ?? NaN) <= quantity.tolerance,
    }));
    await check?.();
    const passed = quantities.length > 0 && quantities.every((quantity) => quantity.passed);
    const seconds = (performance.now() - start) / 1000;
    return { path, kind, seconds, quantities, passed };
  } catch (error) {
    // A defect of ours keeps its trace.
    const reason = !isMistake(error) && error instanceof Error ? error.stack : undefined;
    const seconds = (performance.now() - start) / 1000;
    return failed(path, reason ?? messageOf(error), seconds, kind);
  }
}

function failed(path: string, reason: string, seconds: number, kind?: string): Verification {
  const error = reason.includes(path) ? reason : `Cannot verify ${path}: ${reason}`;
  return { path, ...kind !== undefined && { kind }, seconds, quantities: [], error, passed: false };
}

async function readGolden(path: string): Promise<GoldenFile> {
  const { tensors, metadata } = await readSafetensors(path);
  const folder = path.slice(0, Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  const sibling = async (file: string) => {
    // Golden files come from strangers: one may not make us read elsewhere.
    if (!PLAIN_NAME.test(file) || file === "..") {
      throw mistake(new RangeError(`${path} names "${file}": it must be a file beside it`));
    }
    return await readGolden(folder + file);
  };
  return { path, tensors, metadata, sibling };
}
