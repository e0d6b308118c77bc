import { assert, assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { deflateSync } from "node:zlib";
import { isUserError } from "../../core/errors.ts";
import { decodeJpeg } from "../../plugins/images/jpeg.ts";
import { decodePng } from "../../plugins/images/png.ts";
import { decodeRgbPng } from "../../plugins/images/png_rgb.ts";
import { EXPECTED, patched, photograph, segment } from "../plugins/images/photographs.ts";
import { pngChunk } from "../plugins/images/seal_png.ts";

/** Growth that a reader's refusal, or an image of some pixels, may cost. */
const GROWTH = 24 << 20;

/** Does work and fails where the process grew; all of it happens before any other work can. */
function withoutGrowth<T>(work: () => T): T {
  const before = Deno.memoryUsage().rss;
  const result = work();
  assertLess(Deno.memoryUsage().rss - before, GROWTH);
  return result;
}

/** A grey PNG of 8 bits with any extent and any data. */
function png(width: number, height: number, data: Uint8Array, ...more: Uint8Array[]): Uint8Array {
  const header = new Uint8Array(13), view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8;
  const chunks = [
    pngChunk("IHDR", header),
    ...more,
    pngChunk("IDAT", data),
    pngChunk("IEND", new Uint8Array()),
  ];
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunks.flatMap((each) => [...each]),
  ]);
}

const ROWS = new Uint8Array(10 * 11);
/** 100 MB of zeros in 100 kB. */
const BOMB = new Uint8Array(deflateSync(new Uint8Array(100_000_000)));

/** Every reader of PNG. */
const READERS = { decodePng, decodeRgbPng };

for (const [name, read] of Object.entries(READERS)) {
  Deno.test(`${name}() refuses data that inflate beyond the pixels, and inflates no more than those`, () => {
    const bomb = png(10, 10, BOMB);
    const error = withoutGrowth(() =>
      assertThrows(
        () => read(bomb, "a.png"),
        SyntaxError,
        "its data inflate beyond its 10x10 pixels",
      )
    );
    assert(isUserError(error) && error.message.includes("a.png"));
    const surplus = png(10, 10, new Uint8Array(deflateSync(new Uint8Array(10 * 11 + 1))));
    assertThrows(() => read(surplus, "a.png"), SyntaxError, "beyond its 10x10 pixels");
  });

  Deno.test(`${name}() never inflates profiles and texts`, () => {
    const text = Uint8Array.from([...new TextEncoder().encode("name"), 0, 0, ...BOMB]);
    const more = ["iCCP", "zTXt", "iTXt"].map((each) => pngChunk(each, text));
    const file = png(10, 10, new Uint8Array(deflateSync(ROWS)), ...more);
    const result = withoutGrowth(() => read(file, "a.png"));
    assertEquals("raster" in result ? result.raster.width : result.width, 10);
  });

  Deno.test(`${name}() refuses an extent beyond the limit, of nothing, or beyond its data`, () => {
    const refuses = (width: number, height: number, kind: typeof Error, message: string) => {
      const file = png(width, height, new Uint8Array(deflateSync(ROWS)));
      const error = withoutGrowth(() => assertThrows(() => read(file, "a.png"), kind, message));
      assert(isUserError(error) && error.message.includes("a.png"));
    };
    refuses(
      60_000,
      60_000,
      RangeError,
      "states 60000x60000, 3,600,000,000 pixels, at most 178,956,970",
    );
    refuses(
      2 ** 32 - 1,
      2 ** 32 - 1,
      RangeError,
      "at most 178,956,970 are valid; raise the recipe's limits.pixels",
    );
    refuses(0, 10, RangeError, "its header states 0x10, expected at least one pixel");
    refuses(10, 0, RangeError, "its header states 10x0, expected at least one pixel");
    refuses(13_000, 13_000, SyntaxError, "cannot hold its 13000x13000 pixels");
    refuses(11, 10, SyntaxError, "its data hold 110 bytes, its 11x10 pixels are 120");
    const file = png(10, 10, new Uint8Array(deflateSync(ROWS)));
    read(file, "a.png", 100);
    assertThrows(() => read(file, "a.png", 99), RangeError, "10x10, 100 pixels, at most 99");
  });

  Deno.test(`${name}() passes over any number of chunks, and refuses a wrong checksum in any of them`, () => {
    const empty = pngChunk("teSt", new Uint8Array());
    const many = png(10, 10, new Uint8Array(deflateSync(ROWS)), ...Array(20_000).fill(empty));
    withoutGrowth(() => read(many, "a.png"));
    const at = 8 + 25 + 12 * 9_999;
    const wrong = patched(many, at + 8, [many[at + 8]! ^ 1]);
    assertThrows(
      () => read(wrong, "a.png"),
      SyntaxError,
      `the checksum (CRC) of the chunk at byte ${at} does not match`,
    );
  });
}

Deno.test("decodeJpeg() refuses an extent beyond the limit, of nothing, or beyond its data", async () => {
  const { width, height } = EXPECTED["trailing.jpg"]!;
  const jpeg = await photograph("trailing.jpg");
  await decodeJpeg(jpeg, "warm.jpg");
  const extent = segment(jpeg, 0xc0) + 5;
  const of = (h: number, w: number) => patched(jpeg, extent, [h >> 8, h & 255, w >> 8, w & 255]);
  const refuses = async (file: Uint8Array, kind: typeof Error, message: string, limit?: number) => {
    const before = Deno.memoryUsage().rss;
    const error = await assertRejects(() => decodeJpeg(file, "a.jpg", limit), kind, message);
    assertLess(Deno.memoryUsage().rss - before, GROWTH);
    assert(isUserError(error) && error.message.includes("a.jpg"));
  };
  await refuses(
    of(20_000, 20_001),
    RangeError,
    "20001x20000, 400,020,000 pixels, at most 178,956,970",
  );
  await refuses(of(65_535, 65_535), RangeError, "raise the recipe's limits.pixels");
  await refuses(of(0, 10), RangeError, "its header states 10x0, expected at least one pixel");
  await refuses(of(10, 0), RangeError, "its header states 0x10, expected at least one pixel");
  await refuses(of(13_000, 13_000), SyntaxError, "cannot hold 13000x13000 pixels");
  // A small frame in front must not hide a large one.
  const two = [...jpeg.subarray(0, extent - 5), ...jpeg.subarray(extent - 5, extent + 14)];
  const hidden = Uint8Array.from([...two, ...of(20_000, 20_000).subarray(extent - 5)]);
  await refuses(hidden, SyntaxError, "SOF");
  await decodeJpeg(jpeg, "a.jpg", width * height);
  await refuses(jpeg, RangeError, `${width}x${height}, 960 pixels, at most 959`, 959);
});
