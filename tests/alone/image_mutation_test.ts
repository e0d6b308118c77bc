import { assert, assertLess } from "@std/assert";
import * as fc from "fast-check";
import { isUserError } from "../../core/errors.ts";
import { imageSize } from "../../plugins/images/image_size.ts";
import { decodeJpeg } from "../../plugins/images/jpeg.ts";
import { decodeRgbPng } from "../../plugins/images/png_rgb.ts";
import { decodeImage } from "../../plugins/datasets/voc/image.ts";
import { readIndices } from "../../plugins/datasets/voc/mask.ts";
import { EXPECTED, photograph } from "../plugins/images/photographs.ts";
import { deflated, inflated, resealed } from "../plugins/images/seal_png.ts";
import { mutations } from "../mutations.ts";

const RUNS = 2500;
const NAME = "broken.file";

/** What all damaged files of one reader together may make the process grow by. */
const GROWTH = 200e6;

/** Longest that one file may take, on a busy machine. */
const SECONDS = 5;

const named = (pattern: RegExp) => Object.keys(EXPECTED).filter((name) => pattern.test(name));
const JPEGS = await Promise.all([...named(/jpg$/), "cmyk.jpg"].map(photograph));
const PNGS = await Promise.all([...named(/png$/), "grey16.png"].map(photograph));
const MASKS = await Promise.all(named(/^(palette|grey8)/).map(photograph));

/**
 * Every damaged file must be read or refused by name, soon and without much memory; and both must happen, or nothing was tested.
 *
 * @param files intact ones
 * @param read reads one; gives whether it could
 */
async function survives(
  files: readonly Uint8Array[],
  read: (bytes: Uint8Array) => unknown,
): Promise<void> {
  const before = Deno.memoryUsage().rss;
  let passed = 0, refused = 0, most = 0, slowest = 0;
  await fc.assert(
    fc.asyncProperty(mutations(files), async (bytes) => {
      const start = performance.now();
      try {
        await read(bytes);
        passed++;
      } catch (error) {
        if (!isUserError(error) || !error.message.includes(NAME)) throw error;
        refused++;
      }
      slowest = Math.max(slowest, performance.now() - start);
      most = Math.max(most, Deno.memoryUsage().rss - before);
    }),
    { numRuns: RUNS, seed: 20_200_614 },
  );
  assert(passed > 0 && refused > 0, `${passed} read, ${refused} refused`);
  assertLess(slowest, 1000 * SECONDS);
  assertLess(most, GROWTH);
}

Deno.test("a damaged JPEG is read or refused", () =>
  survives(JPEGS, (bytes) => decodeJpeg(bytes, NAME)));

/** Damage behind the checksums: in chunks, in the compressed stream, in filters and samples. */
for (
  const { what, files, read } of [
    { what: "photograph", files: PNGS, read: (bytes: Uint8Array) => decodeRgbPng(bytes, NAME) },
    { what: "mask", files: MASKS, read: (bytes: Uint8Array) => readIndices(bytes, NAME, true) },
  ]
) {
  Deno.test(`a PNG ${what} with damaged chunks is read or refused`, () =>
    survives(files, (bytes) => read(resealed(bytes))));

  Deno.test(`a PNG ${what} with damaged pixels is read or refused`, () =>
    survives(files.map(inflated), (bytes) => read(deflated(bytes))));
}

Deno.test("a damaged photograph of either format is read or refused", () =>
  survives([...JPEGS, ...PNGS], (bytes) => decodeImage(bytes, NAME)));

Deno.test("any bytes have an extent or none", () => {
  fc.assert(
    fc.property(mutations([...JPEGS, ...PNGS]), (bytes) => {
      const size = imageSize(bytes);
      assert(size === undefined || size.width >= 0 && size.height >= 0);
    }),
    { numRuns: RUNS, seed: 20_200_614 },
  );
});
