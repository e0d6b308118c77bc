import createEncoder from "@jsquash/jpeg/codec/enc/mozjpeg_enc.js";
import { defaultOptions } from "@jsquash/jpeg/meta.js";
import { type Raster, withAlpha } from "seamstress";

/** What this file uses of an instance of MozJPEG's encoder. */
interface Encoder {
  encode(rgba: Uint8Array, width: number, height: number, options: object): Uint8Array;
}

/** As close to the pixels as JPEG gets: finest quantisation, colours at full resolution. */
const NEAREST = { ...defaultOptions, quality: 100, auto_subsample: false, chroma_subsample: 1 };

let ready: Promise<Encoder> | undefined;

async function start(): Promise<Encoder> {
  // The package's own loader fetches the code by URL; read from disk it needs no network permission.
  const url = import.meta.resolve("@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm");
  const module = await WebAssembly.compile(await Deno.readFile(new URL(url)));
  // The package types the options of another Emscripten version.
  const create = createEncoder as unknown as (options: object) => Promise<Encoder>;
  return await create({
    noInitialRun: true,
    instantiateWasm(imports: WebAssembly.Imports, done: (made: WebAssembly.Instance) => void) {
      const instance = new WebAssembly.Instance(module, imports);
      done(instance);
      return instance.exports;
    },
  });
}

/**
 * Encodes an image as JPEG of quality 100 without chroma subsampling; what is decoded differs by a few levels.
 *
 * @param image RGB uint8
 * @returns the file
 */
export async function encodeJpeg({ width, height, channels, data }: Raster): Promise<Uint8Array> {
  if (channels !== 3 || !(data instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot encode JPEG: found ${channels} channels of ${data.constructor.name}, ` +
        "expected 3 of Uint8Array",
    );
  }
  const encoder = await (ready ??= start());
  return encoder.encode(withAlpha(data), width, height, NEAREST).slice();
}
