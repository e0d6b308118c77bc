import {
  decodePng,
  imageFormat,
  type Png,
  type Raster,
  readStored,
  userError,
  vocPalette,
} from "seamstress";
import { IGNORED, VOC_CLASSES } from "./classes.ts";

/** A mask's class numbers. */
export type Indices = Raster & { readonly data: Uint8Array };

const COLOURS = vocPalette().map((colour) => colour.join());

/** VOC's colour → its class number, for the numbers that VOC's masks have. */
const NUMBERS = new Map(
  [...Array(VOC_CLASSES.length + 1).keys(), IGNORED].map((index) => [COLOURS[index]!, index]),
);

/**
 * Refuses a mask whose colours are VOC's but whose indices are not: a tool that made a palette of its own has moved the class
 * numbers, and every number read from it would be wrong.
 */
function refuseMovedColours({ palette }: Png, data: Uint8Array, from: string): void {
  const colours = palette?.map((colour) => colour.join());
  if (!colours || colours.every((colour, index) => colour === COLOURS[index])) return;
  const used = new Uint8Array(256);
  for (let i = 0; i < data.length; i++) used[data[i]!] = 1;
  const found = [...used.keys()].filter((index) => used[index] === 1)
    .map((index) => ({ index, number: NUMBERS.get(colours[index] ?? "") }));
  const moved = found.find(({ index, number }) => index !== number);
  // A palette of other colours, greys for example, has indices of its own that mean what they say.
  if (!moved || found.some(({ number }) => number === undefined)) return;
  throw userError(
    new RangeError(
      `Cannot use mask ${from}: its palette has VOC's colour of class ${moved.number} at index ${moved.index}, ` +
        "so that its class numbers were lost; save it with VOC's palette, or as grey",
    ),
  );
}

/**
 * Reads a mask's class numbers: palette indices, or the values of a grey image.
 *
 * @param bytes the PNG file
 * @param from its path, for messages
 * @param voc whether the numbers are those of VOC's classes
 * @param limit most pixels, the recipe's `limits.pixels`
 * @returns one channel uint8
 * @throws {SyntaxError} where the file is broken
 * @throws {RangeError} where it is of another format, has too many pixels, holds colours instead of class numbers, or VOC's colours
 * in another order
 */
export function readIndices(
  bytes: Uint8Array,
  from: string,
  voc = false,
  limit?: number,
): Indices {
  const format = imageFormat(bytes) ?? "PNG";
  if (format !== "PNG") {
    throw userError(
      new RangeError(
        `Cannot use mask ${from}: its content is ${format}, expected PNG, which keeps class numbers as they are`,
      ),
    );
  }
  const png = decodePng(bytes, from, limit);
  const { data, channels } = png.raster;
  if (channels !== 1 || !(data instanceof Uint8Array)) {
    throw userError(
      new RangeError(
        `Cannot use mask ${from}: found ${channels} channels, expected one of class numbers ` +
          "(a palette or grey PNG)",
      ),
    );
  }
  if (voc) refuseMovedColours(png, data, from);
  return { ...png.raster, data };
}

/**
 * Reads a mask from its file; see {@linkcode readIndices}.
 *
 * @param path absolute
 * @param voc whether the numbers are those of VOC's classes
 * @param limit most pixels, the recipe's `limits.pixels`
 * @returns one channel uint8
 * @throws {Deno.errors.NotFound} naming the file where it is missing
 */
export async function readMaskFile(path: string, voc: boolean, limit?: number): Promise<Indices> {
  return readIndices(await readStored(path), path, voc, limit);
}
