/** How often each level occurs in a channel of interleaved pixels. */
function histogram(pixels: Uint8Array, channel: number): readonly number[] {
  const counts = new Array<number>(256).fill(0);
  for (let i = channel; i < pixels.length; i += 3) counts[pixels[i]!]!++;
  return counts;
}

const SAME = Uint8Array.from({ length: 256 }, (_, level) => level);

/** Pillow's `ImageOps.autocontrast` without a cut-off: the lowest level becomes 0, the highest 255. */
function stretched(counts: readonly number[]): Uint8Array {
  const low = counts.findIndex((count) => count > 0), high = counts.findLastIndex((n) => n > 0);
  if (high <= low) return SAME;
  const scale = 255 / (high - low), offset = -low * scale;
  return SAME.map((level) => Math.min(Math.max(Math.trunc(level * scale + offset), 0), 255));
}

/** Pillow's `ImageOps.equalize`: levels that are about equally frequent. */
function equalized(counts: readonly number[]): Uint8Array {
  const present = counts.filter((count) => count > 0);
  const sum = present.reduce((total, count) => total + count, 0);
  const step = present.length <= 1 ? 0 : Math.floor((sum - present.at(-1)!) / 255);
  if (step === 0) return SAME;
  let below = Math.floor(step / 2);
  return Uint8Array.from(counts, (count) => {
    const level = Math.min(Math.floor(below / step), 255);
    below += count;
    return level;
  });
}

/** Replaces the levels of each channel by a table of its histogram. */
function byChannel(
  pixels: Uint8Array,
  table: (counts: readonly number[]) => Uint8Array,
): Uint8Array {
  const tables = [0, 1, 2].map((channel) => table(histogram(pixels, channel)));
  return pixels.map((level, i) => tables[i % 3]![level]!);
}

/** @param pixels RGB interleaved @returns as Pillow's `ImageOps.autocontrast` gives them */
export const autoContrast = (pixels: Uint8Array) => byChannel(pixels, stretched);

/** @param pixels RGB interleaved @returns as Pillow's `ImageOps.equalize` gives them */
export const equalize = (pixels: Uint8Array) => byChannel(pixels, equalized);
