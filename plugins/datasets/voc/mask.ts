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

/** Class indices of a mask. */
export type Indices = Raster & { readonly data: Uint8Array };

const COLOURS = vocPalette().map((colour) => colour.join());

/** VOC palette colour → class index, for the indices that occur in VOC's masks. */
const NUMBERS = new Map(
  [...Array(VOC_CLASSES.length + 1).keys(), IGNORED].map((index) => [COLOURS[index]!, index]),
);

/**
 * Throws if a mask has VOC's colours at other palette indices: a tool has then reordered the palette and with it the class
 * indices, so that every index read from it would be wrong.
 */
function refuseMovedColours({ palette }: Png, data: Uint8Array, from: string): void {
  const colours = palette?.map((colour) => colour.join());
  if (!colours || colours.every((colour, index) => colour === COLOURS[index])) return;
  const used = new Uint8Array(256);
  for (let i = 0; i < data.length; i++) used[data[i]!] = 1;
  const found = [...used.keys()].filter((index) => used[index] === 1)
    .map((index) => ({ index, number: NUMBERS.get(colours[index] ?? "") }));
  const moved = found.find(({ index, number }) => index !== number);
  // A palette with other colours, such as greys, was not reordered: its indices are class indices.
  if (!moved || found.some(({ number }) => number === undefined)) return;
  throw userError(
    new RangeError(
      `Cannot use mask ${from}: its palette has VOC's colour of class ${moved.number} at index ${moved.index}, ` +
        "so that its class numbers were lost; save it with VOC's palette, or as grey",
    ),
  );
}

/**
 * Reads a mask's class indices: palette indices, or the values of a grey image.
 *
 * @param bytes the PNG file
 * @param from its path, for messages
 * @param voc whether the mask uses VOC's class indices
 * @param limit maximum number of pixels, the recipe's `limits.pixels`
 * @returns one channel uint8
 * @throws {SyntaxError} where the file is broken
 * @throws {RangeError} where it has another format, too many pixels, colours instead of class indices, or VOC's colours
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
 * @param voc whether the mask uses VOC's class indices
 * @param limit maximum number of pixels, the recipe's `limits.pixels`
 * @returns one channel uint8
 * @throws {Deno.errors.NotFound} naming the file where it is missing
 */
export async function readMaskFile(path: string, voc: boolean, limit?: number): Promise<Indices> {
  return readIndices(await readStored(path), path, voc, limit);
}
