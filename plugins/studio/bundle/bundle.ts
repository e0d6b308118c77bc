import { build, initialize, type Plugin } from "esbuild-wasm/esm/browser.js";
import { fromFileUrl, hashBytes } from "seamstress";
import { resolveForPage } from "./resolve.ts";

/** The project's folder. A bundle names modules from here on: an export would tell others where it was made. */
const ROOT = fromFileUrl(new URL("../../..", import.meta.url).href);

/** Modules that are files. */
const FILES = "file";

/** Modules with nothing in them. */
const EMPTY = "empty";

/** Reads modules as Deno would, for a page, and notes their hashes; esbuild's build for browsers has no file system of its own. */
const files = (packages: boolean, read: Map<string, string>): Plugin => ({
  name: "files",
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path: specifier, importer }) => {
      const found = resolveForPage(specifier, importer || "/");
      if (!packages && "file" in found && found.file.includes("/node_modules/")) {
        return { path: specifier, external: true, sideEffects: false };
      }
      if ("external" in found) return { path: specifier, external: true, sideEffects: false };
      if ("empty" in found) return { path: specifier, namespace: EMPTY };
      return { path: found.file, namespace: FILES, sideEffects: found.sideEffects };
    });
    build.onLoad({ filter: /.*/, namespace: FILES }, async ({ path }) => {
      const contents = await Deno.readFile(path);
      read.set(path, await hashBytes(contents));
      return { contents, loader: path.endsWith(".ts") ? "ts" : "js" };
    });
    build.onLoad({ filter: /.*/, namespace: EMPTY }, () => ({ contents: "module.exports = {};" }));
  },
});

let started: Promise<void> | undefined;

/** esbuild, in this thread: a page is bundled in a Worker of the studio. */
async function start(): Promise<void> {
  const url = new URL(import.meta.resolve("esbuild-wasm/esbuild.wasm"));
  const wasmModule = await WebAssembly.compile(await Deno.readFile(url));
  await initialize({ wasmModule, worker: false });
}

/** A module with all that it imports. */
export interface Bundle {
  /** The module's text; licences of packages stand at its end. */
  readonly text: string;
  /** Specifiers of what it still imports: nothing that a page could run. */
  readonly imports: readonly string[];
  /** SHA-256 of each file that was read, by path. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Puts a TypeScript module and all that it imports into one module for browsers, without what is not used.
 *
 * @param entry URL of a file
 * @param packages whether packages go into it, or stay imports
 * @returns the module
 * @throws {Error} where a module cannot be read
 */
export async function bundle(entry: string, packages = true): Promise<Bundle> {
  await (started ??= start());
  const read = new Map<string, string>();
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    plugins: [files(packages, read)],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "eof",
    logLevel: "silent",
  });
  const [output] = Object.values(metafile.outputs);
  const imports = output!.imports.map(({ path }) => path);
  return { text: outputFiles[0]!.text, imports, files: Object.fromEntries(read) };
}
