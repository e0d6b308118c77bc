import { networkModule } from "./bundle/network_module.ts";

/** Content types by ending. */
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  wasm: "application/wasm",
};

/** The page's own files, in `page/`. */
const OWN = [
  "index.html",
  "style.css",
  "icon.svg",
  "app.js",
  "charts.js",
  "colours.js",
  "compare.js",
  "compute.js",
  "confusion.js",
  "data.js",
  "dom.js",
  "explore.js",
  "image_list.js",
  "journal.js",
  "maps.js",
  "options.js",
  "photograph.js",
  "pixel.js",
  "run.js",
  "runs.js",
  "scores.js",
  "shown_image.js",
  "thumbnails.js",
  "training_cams.js",
  "training_charts.js",
  "viewer.js",
];

/** Those of uPlot, which draws the charts. */
const UPLOT: Readonly<Record<string, string>> = {
  "uplot/uPlot.js": "uplot/dist/uPlot.iife.min.js",
  "uplot/uPlot.css": "uplot/dist/uPlot.min.css",
  "uplot/LICENSE.txt": "uplot/LICENSE",
};

/** Where the files lie by which the page computes with networks. */
export const COMPUTE = "compute/";

/** WebAssembly that the page's Worker fetches: of tfjs, and MozJPEG's decoder. */
const WASM: Readonly<Record<string, string>> = {
  [`${COMPUTE}tfjs-backend-wasm-simd.wasm`]:
    "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
  [`${COMPUTE}mozjpeg_dec.wasm`]: "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm",
};

/** The script of the page's Worker, which is bundled: see {@linkcode networkModule}. */
export const NETWORK_MODULE: string = `${COMPUTE}networks.js`;

/**
 * The files of the page, from a fixed list: a request chooses among them and makes up none.
 *
 * @returns paths from the page's root → where the file is
 */
export function pageFiles(): ReadonlyMap<string, URL> {
  return new Map([
    ...OWN.map((name) => [name, new URL(`./page/${name}`, import.meta.url)] as const),
    ...Object.entries({ ...UPLOT, ...WASM }).map(([name, file]) =>
      [name, new URL(import.meta.resolve(file))] as const
    ),
  ]);
}

/**
 * The content type of a file.
 *
 * @param name with an ending that the page uses
 * @returns for the header
 */
export function contentType(name: string): string {
  return TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
}

/**
 * Reads one of the page's files.
 *
 * @param path from the page's root
 * @param cache folder that keeps what takes long to make: see {@linkcode networkModule}
 * @returns its content; nothing where the page has no such file
 */
export async function pageFile(
  path: string,
  cache?: string,
): Promise<string | Uint8Array | undefined> {
  if (path === NETWORK_MODULE) return await networkModule(cache);
  const url = pageFiles().get(path);
  return url && await Deno.readFile(url);
}
