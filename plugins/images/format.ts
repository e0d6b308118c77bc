interface Format {
  readonly name: string;
  /** What a file has at `at`. */
  readonly magic: string;
  readonly at?: number;
}

/** Formats that people store photographs in, by how their files begin. */
const FORMATS: readonly Format[] = [
  { name: "JPEG", magic: "\xff\xd8\xff" },
  { name: "PNG", magic: "\x89PNG\r\n\x1a\n" },
  { name: "WebP", magic: "WEBP", at: 8 },
  { name: "GIF", magic: "GIF8" },
  { name: "BMP", magic: "BM" },
  { name: "TIFF", magic: "II*\0" },
  { name: "TIFF", magic: "MM\0*" },
  { name: "JPEG 2000", magic: "\0\0\0\x0cjP  " },
  { name: "JPEG XL", magic: "\0\0\0\x0cJXL " },
  { name: "HEIC or AVIF", magic: "ftyp", at: 4 },
];

/**
 * Detects an image's format by its content, whatever the file's extension.
 *
 * @param bytes the file, or its beginning
 * @returns such as `WebP`; `undefined` where it is none of the known ones
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { imageFormat } from "seamstress";
 * assertEquals(imageFormat(new TextEncoder().encode("GIF89a")), "GIF");
 * ```
 */
export function imageFormat(bytes: Uint8Array): string | undefined {
  return FORMATS.find(({ magic, at = 0 }) =>
    [...magic].every((char, i) => bytes[at + i] === char.charCodeAt(0))
  )?.name;
}
