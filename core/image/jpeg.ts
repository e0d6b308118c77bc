import createDecoder from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";
import { mistake } from "../errors.ts";
import type { Raster } from "../sample.ts";

/** What this file uses of an instance of MozJPEG's decoder. */
interface Decoder {
  /** Gives RGBA, or null. Throws an `ExitStatus`, which is no `Error`, where libjpeg gives up. */
  decode(
    bytes: Uint8Array,
    preserveOrientation: boolean,
  ): { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray } | null;
}

/** A decoder, and what libjpeg wrote about the file that it read last. */
interface Listening {
  readonly decoder: Decoder;
  readonly said: string[];
}

let compiled: Promise<WebAssembly.Module> | undefined;
let ready: Promise<Listening> | undefined;

async function compile(): Promise<WebAssembly.Module> {
  // The package's own loader fetches the code by URL; read from disk it needs no network permission.
  const url = import.meta.resolve("@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm");
  return await WebAssembly.compile(await Deno.readFile(new URL(url)));
}

async function start(): Promise<Listening> {
  const module = await (compiled ??= compile());
  const said: string[] = [];
  // The package types the options of another Emscripten version, without `printErr`.
  const create = createDecoder as unknown as (options: object) => Promise<Decoder>;
  const decoder = await create({
    noInitialRun: true,
    printErr: (line: string) => said.push(line),
    instantiateWasm(imports: WebAssembly.Imports, done: (made: WebAssembly.Instance) => void) {
      const instance = new WebAssembly.Instance(module, imports);
      done(instance);
      return instance.exports;
    },
  });
  return { decoder, said };
}

function broken(from: string, reasons: readonly string[]): SyntaxError {
  return mistake(
    new SyntaxError(
      `Cannot decode ${from} as JPEG: ${reasons.join("; ") || "unknown fault"} ` +
        "(the file is cut short, damaged, no JPEG, or neither RGB nor grey)",
    ),
  );
}

/**
 * Decodes a JPEG as Pillow does, bit for bit: accurate integer DCT, smooth chroma upsampling, grey made RGB, EXIF orientation
 * not applied. libjpeg fills what is missing from a damaged file with grey and only warns; here any warning is an error.
 *
 * @param bytes the file
 * @param from the file's path, for messages
 * @returns RGB uint8
 * @throws {SyntaxError} naming the file where it is truncated, damaged, not a JPEG, or CMYK
 */
export async function decodeJpeg(bytes: Uint8Array, from: string): Promise<Raster> {
  const { decoder, said } = await (ready ??= start());
  said.length = 0;
  let image: ReturnType<Decoder["decode"]>;
  try {
    image = decoder.decode(bytes, false);
  } catch {
    // After exit() the instance keeps what it had allocated; the next file gets a new one.
    ready = undefined;
    throw broken(from, said);
  }
  if (!image || said.length > 0) throw broken(from, said);
  const { width, height, data: rgba } = image;
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = rgba[from]!;
    data[to + 1] = rgba[from + 1]!;
    data[to + 2] = rgba[from + 2]!;
  }
  return { width, height, channels: 3, data };
}
