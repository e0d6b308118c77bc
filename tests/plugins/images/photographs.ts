const FOLDER = new URL("../../fixtures/images/", import.meta.url);

/** What Pillow makes of an image: its extent, and SHA-256 of pixels, hex. */
export interface Expected {
  readonly width: number;
  readonly height: number;
  readonly rgb: string;
  /** Of the values before colours are looked up, for images that can be masks. */
  readonly indices?: string;
}

/** Reads a file of `tests/fixtures/images`. */
export function photograph(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(name, FOLDER));
}

/** What Pillow makes of each of these files that it reads as we do. */
export const EXPECTED: Readonly<Record<string, Expected>> = JSON.parse(
  await Deno.readTextFile(new URL("expected.json", FOLDER)),
);

/** SHA-256 of pixels, hex. */
export async function sha256(data: Uint8Array | Float32Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(data))).toHex();
}

/** Writes other bytes in the place of a file's own. */
export function patched(file: Uint8Array, at: number, bytes: readonly number[]): Uint8Array {
  const copy = file.slice();
  copy.set(bytes, at);
  return copy;
}

/** Where a JPEG's segment of a marker begins. */
export function segment(jpeg: Uint8Array, marker: number): number {
  return jpeg.findIndex((byte, i) => i > 1 && byte === 0xff && jpeg[i + 1] === marker);
}
