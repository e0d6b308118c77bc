import createDecoder from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";
import { userError } from "../../core/errors.ts";
import { DEFAULT_LIMITS } from "../../core/recipe/limits.ts";
import type { Raster } from "../../core/data/sample.ts";
import { withoutAlpha } from "./alpha.ts";
import { type JpegFrame, jpegFrame } from "./jpeg_frame.ts";
import { hearNextWarning, isHarmless } from "./libjpeg_warnings.ts";
import { checkPixels } from "./pixel_limit.ts";

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
  /** What makes the pixels doubtful. */
  readonly said: string[];
  /** What does not. */
  readonly remarks: string[];
}

/** Above so many pixels a decoder is not kept for the next file: its memory never shrinks. */
const KEPT = 1 << 24;

/**
 * Most pixels of one byte. A block of 8x8 takes a bit at least, of components sampled at half a block each; a header that states
 * more has no data to it, and only costs memory.
 */
const PIXELS_PER_BYTE = 1024;

async function start(module: WebAssembly.Module): Promise<Listening> {
  const said: string[] = [], remarks: string[] = [];
  let memory: WebAssembly.Memory | undefined;
  // The package types the options of another Emscripten version, without `printErr`.
  const create = createDecoder as unknown as (options: object) => Promise<Decoder>;
  const decoder = await create({
    noInitialRun: true,
    printErr(line: string) {
      const heard = isHarmless(line) && memory && hearNextWarning(memory);
      (heard ? remarks : said).push(line);
    },
    instantiateWasm(imports: WebAssembly.Imports, done: (made: WebAssembly.Instance) => void) {
      const instance = new WebAssembly.Instance(module, imports);
      memory = Object.values(instance.exports).find((each) => each instanceof WebAssembly.Memory);
      done(instance);
      return instance.exports;
    },
  });
  return { decoder, said, remarks };
}

function broken(from: string, reasons: readonly string[]): SyntaxError {
  return userError(
    new SyntaxError(
      `Cannot decode ${from} as JPEG: ${reasons.join("; ") || "unknown fault"} ` +
        "(the file is cut short, damaged or no JPEG)",
    ),
  );
}

/** Refuses kinds of JPEG that no decoder here reads, by name: libjpeg's own messages are hard to understand. */
function refuseKind({ marker, precision, components }: JpegFrame, from: string): void {
  const found = marker >= 0xc9
    ? "arithmetic coding"
    : marker > 0xc2
    ? "lossless or hierarchical coding"
    : precision !== 8
    ? `${precision} bits a sample`
    : components === 4
    ? "four components (CMYK)"
    : components !== 1 && components !== 3
    ? `${components} components`
    : undefined;
  if (!found) return;
  throw userError(
    new RangeError(
      `Cannot use JPEG ${from}: found ${found}, expected RGB or grey of 8 bits, baseline or progressive; save it as that`,
    ),
  );
}

/** Rejects unsupported kinds of JPEG, too many pixels, and headers that state more pixels than the file can hold, before decoding. */
function checkFrame(frame: JpegFrame, bytes: Uint8Array, from: string, limit: number): void {
  refuseKind(frame, from);
  checkPixels(frame, from, limit);
  if (frame.width * frame.height <= bytes.length * PIXELS_PER_BYTE) return;
  throw broken(from, [`${bytes.length} bytes cannot hold ${frame.width}x${frame.height} pixels`]);
}

/**
 * MozJPEG's decoder, as Pillow reads JPEG; see {@linkcode JpegDecoder.decode}. Where its compiled code comes from is the caller's: a file
 * in Deno, an address in a page.
 */
export class JpegDecoder {
  readonly #compile: () => Promise<WebAssembly.Module>;
  #compiled: Promise<WebAssembly.Module> | undefined;
  #ready: Promise<Listening> | undefined;

  /**
   * Takes where the decoder's code comes from.
   *
   * @param compile compiles `@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm`; called once, at the first file
   */
  constructor(compile: () => Promise<WebAssembly.Module>) {
    this.#compile = compile;
  }

  async #start(): Promise<Listening> {
    return await start(await (this.#compiled ??= this.#compile()));
  }

  /**
   * Decodes a JPEG as Pillow does, bit for bit: accurate integer DCT, smooth chroma upsampling, grey made RGB, EXIF orientation
   * not applied. libjpeg fills what is missing from a damaged file with grey and only warns; here such a warning is an error.
   * Stray bytes between segments are passed over, as by Pillow.
   *
   * @param bytes the file
   * @param from the file's path, for messages
   * @param limit most pixels, the recipe's `limits.pixels`
   * @param remark told what libjpeg remarks on though the pixels are whole
   * @returns RGB uint8
   * @throws {SyntaxError} naming the file where it is truncated, damaged or not a JPEG
   * @throws {RangeError} naming the file where it has too many pixels, CMYK, more than 8 bits, or a rare coding
   */
  async decode(
    bytes: Uint8Array,
    from: string,
    limit: number = DEFAULT_LIMITS.pixels,
    remark: (line: string) => void = () => {},
  ): Promise<Raster> {
    const frame = jpegFrame(bytes);
    if (frame) checkFrame(frame, bytes, from, limit);
    const { decoder, said, remarks } = await (this.#ready ??= this.#start());
    said.length = remarks.length = 0;
    let image: ReturnType<Decoder["decode"]>;
    try {
      image = decoder.decode(bytes, false);
    } catch {
      // After exit() the instance keeps what it had allocated; the next file gets a new one.
      this.#ready = undefined;
      throw broken(from, said);
    }
    if (image && image.width * image.height > KEPT) this.#ready = undefined;
    if (!image || said.length > 0) throw broken(from, said);
    remarks.forEach(remark);
    const { width, height, data } = image;
    return { width, height, channels: 3, data: withoutAlpha(data) };
  }
}
