/**
 * libjpeg's warnings that do not concern pixels: Pillow reads such files without a word, and to the same pixels. Bytes
 * between segments, which some cameras and editors leave; versions and codes of metadata that it does not know; a baseline scan
 * that states a spectral selection, which it then ignores.
 */
const HARMLESS = [
  /^Corrupt JPEG data: \d+ extraneous bytes before marker 0x/,
  /^Warning: unknown JFIF revision number /,
  /^Unknown Adobe color transform code /,
  /^Invalid SOS parameters for sequential JPEG$/,
];

/**
 * @param line of libjpeg's error output
 * @returns whether the pixels are whole nevertheless
 */
export function isHarmless(line: string): boolean {
  return HARMLESS.some((pattern) => pattern.test(line));
}

/**
 * Where fields of libjpeg's `jpeg_error_mgr` lie (`jpeglib.h`), in 32-bit words from its begin. The decoder keeps it on the stack,
 * directly before the `jpeg_decompress_struct`, whose first field points back to it.
 */
const TRACE_LEVEL = 26, WARNINGS = 27, OWNER = 33;

/** Words to search: the stack lies within the first MiB. */
const SEARCHED = 1 << 18;

/**
 * Makes libjpeg report its next warning too. By itself it writes out the first warning of a file and only counts the others, so
 * that stray bytes early in a file would hide that its end is missing. Called while it writes a warning, this lowers its count of
 * them, 0, by the one that it is about to add. Without this the test "damage after stray bytes is still found" fails.
 *
 * @param memory the decoder's
 * @returns whether its count was found; else further warnings are not noticed
 */
export function hearNextWarning(memory: WebAssembly.Memory): boolean {
  const words = new Int32Array(memory.buffer, 0, Math.min(SEARCHED, memory.buffer.byteLength >> 2));
  const found: number[] = [];
  for (let at = 0; at + OWNER < words.length; at++) {
    const isManager = words[at + OWNER] === at * 4 && words[at + TRACE_LEVEL] === 0;
    if (isManager && words[at + WARNINGS] === 0 && words[at] !== 0) found.push(at);
  }
  if (found.length !== 1) return false;
  words[found[0]! + WARNINGS] = -1;
  return true;
}
