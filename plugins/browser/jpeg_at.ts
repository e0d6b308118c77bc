import { JpegDecoder } from "../images/jpeg_decoder.ts";

/**
 * A decoder of JPEG whose code a page fetches at the first photograph.
 *
 * @param url address of `mozjpeg_dec.wasm`, from npm `@jsquash/jpeg`
 * @returns the decoder
 */
export function jpegDecoderAt(url: string): JpegDecoder {
  return new JpegDecoder(async () => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`Cannot fetch ${url}: ${response.status}`);
    return await WebAssembly.compile(await response.arrayBuffer());
  });
}
