import { createRequire } from "node:module";
import { fromFileUrl, toFileUrl } from "seamstress";

/** Packages that a page's modules may be made of; others are left as imports, which a bundle without unused code does not have. */
const PACKAGES = ["@jsquash/jpeg", "@tensorflow/", "zod"];

/** Packages that these need in a page. What else they import is for Node. */
const BEHIND = ["seedrandom"];

/** Of zod: messages in forty languages. The English ones it imports by name. */
const LOCALES = "../locales/index.js";

/** Files that do something when they are loaded; any other is left out where nothing of it is used. */
const EFFECTS = [/\/node_modules\//, /\/deps\/tfjs\/\w+\.\w+$/, /\/without_eval\.ts$/];

/** What a specifier stands for. */
export type Resolved =
  | { readonly file: string; readonly sideEffects: boolean }
  /** Left as an import. */
  | { readonly external: true }
  /** A module of Node that a package only looks for where it runs in Node. */
  | { readonly empty: true };

const file = (url: string): Resolved => {
  const path = fromFileUrl(url);
  return { file: path, sideEffects: EFFECTS.some((pattern) => pattern.test(path)) };
};

/**
 * Finds the file of a module for a page: as Deno does, but packages of tfjs as they ship for browsers.
 *
 * @param specifier as an import names it
 * @param importer path of the module that imports it
 * @returns the file, or why there is none
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { resolveForPage } from "./resolve.ts";
 * const tfjs = resolveForPage("@tensorflow/tfjs-core", "/a.ts");
 * assert("file" in tfjs && tfjs.file.endsWith("tf-core.fesm.min.js"));
 * assertEquals(resolveForPage("node:zlib", "/a.ts"), { external: true });
 * ```
 */
export function resolveForPage(specifier: string, importer: string): Resolved {
  if (specifier === LOCALES && importer.includes("/zod/")) return { empty: true };
  const whole = /^\.{0,2}\/.*\.\w+$/.test(specifier);
  if (whole) return file(new URL(specifier, toFileUrl(importer)).href);
  if (importer.includes("/node_modules/")) return ofPackage(specifier, importer);
  if (/^[a-z]+:/.test(specifier)) {
    return specifier.startsWith("file:") ? file(specifier) : { external: true };
  }
  const url = import.meta.resolve(specifier);
  const packaged = url.includes("/node_modules/");
  if (packaged && !PACKAGES.some((name) => specifier.startsWith(name))) return { external: true };
  return file(url.replace(/\.node\.js$/, ".fesm.min.js"));
}

/** What a package imports: a file of its own without its ending, another package, or a module of Node. */
function ofPackage(specifier: string, importer: string): Resolved {
  const ours = PACKAGES.find((name) => specifier.startsWith(name));
  if (ours) return resolveForPage(specifier, "/");
  if (!specifier.startsWith(".") && !BEHIND.includes(specifier)) return { empty: true };
  return file(toFileUrl(createRequire(importer).resolve(specifier)));
}
