import { parseArgs } from "@std/cli";
import { fromFileUrl, messageOf, resolvePath, toFileUrl } from "seamstress";
import type { BenchCases } from "seamstress/ops";
import type { InstalledOp } from "../implementations/open.ts";

const OPS = new URL("../../plugins/ops/", import.meta.url);

/** External operations, and all cases. */
export interface FoundCases {
  readonly ops: readonly InstalledOp[];
  /** Cases by operation; the project's own come first, in the order of their folders. */
  readonly cases: readonly BenchCases[];
}

/** A module with cases, and operations among its exports. */
type BenchModule = Readonly<Record<string, unknown>> & { readonly bench?: BenchCases };

/**
 * Finds the cases of every operation of the project, in its folder's `bench.ts`, and those of external modules.
 *
 * @param modules files whose export `bench` contains cases; operations among their exports are installed
 * @returns all of them
 * @throws {TypeError} where a module has no cases
 */
export async function findCases(modules: readonly string[]): Promise<FoundCases> {
  const folders = (await Array.fromAsync(Deno.readDir(OPS)))
    .filter(({ isDirectory }) => isDirectory).map(({ name }) => name).sort();
  const cases: BenchCases[] = [];
  for (const folder of folders) {
    const file = new URL(`${folder}/bench.ts`, OPS);
    if (await Deno.stat(fromFileUrl(file)).then(() => true, () => false)) {
      cases.push(casesOf(await import(file.href), file.href));
    }
  }
  const ops: InstalledOp[] = [];
  for (const path of modules) {
    const loaded = await load(path);
    cases.push(casesOf(loaded, path));
    ops.push(...Object.values(loaded).filter(isOp));
  }
  return { ops, cases };
}

async function load(path: string): Promise<BenchModule> {
  try {
    return await import(toFileUrl(resolvePath(Deno.cwd(), path)));
  } catch (error) {
    throw new TypeError(`Cannot load the cases of ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function casesOf({ bench }: BenchModule, path: string): BenchCases {
  if (typeof bench === "function") return bench;
  throw new TypeError(
    `Cannot find cases in ${path}: it must export a function "bench" that gives a list of benchCase()`,
  );
}

function isOp(value: unknown): value is InstalledOp {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "op";
}

/**
 * Reads `--with FILE`, which may be given more than once, from the arguments of `deno bench … -- --with FILE`.
 *
 * @param args of the command
 * @returns the files
 */
export function modulesOf(args: readonly string[]): readonly string[] {
  const { with: files } = parseArgs([...args], { string: ["with"], collect: ["with"] }) as {
    with?: readonly string[];
  };
  return files ?? [];
}
