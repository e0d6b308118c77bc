import { assert, assertEquals, assertThrows } from "@std/assert";
import { encode } from "fast-png";
import { isUserError } from "../../../core/errors.ts";
import { decodePng, encodeIndexedPng, encodeRgbPng } from "../../../plugins/images/png.ts";
import { vocPalette } from "../../../plugins/images/voc_palette.ts";
import { testImage } from "./encode_jpeg.ts";
import { deflated, inflated, resealed } from "./seal_png.ts";

// 11x5 palette images that Pillow 9.4 wrote, and the indices it was given.
const PILLOW_INDEXED = [
  {
    bits: 1,
    base64:
      "iVBORw0KGgoAAAANSUhEUgAAAAsAAAAFAQMAAACpaIQVAAAABlBMVEUAAQIDBAUkTtcmAAAAF0lEQVR4nGM438CwSYFBSYHh4wOGmwoAJr4FLpZ2z/sAAAAASUVORK5CYII=",
    indices:
      "01010000010101010100000100010100000100000001000001000000010000000101010101000000010101010101000101000001000001",
  },
  {
    bits: 2,
    base64:
      "iVBORw0KGgoAAAANSUhEUgAAAAsAAAAFAgMAAADuyP7FAAAADFBMVEUAAQIDBAUGBwgJCgvcTDicAAAAHUlEQVR4nGP4qT+FoaCIheE2+x6GSXUXGK437QEATEMINo1GvuoAAAAASUVORK5CYII=",
    indices:
      "03030201000203030201010103000001030002000001030102030000010302030302010002010303020301000301010302000002020303",
  },
  {
    bits: 4,
    base64:
      "iVBORw0KGgoAAAANSUhEUgAAAAsAAAAFBAMAAABhiAtlAAAAMFBMVEUAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi+tl47vAAAALElEQVR4nGP4Pt1m3YMGhnLByxx3Exhck05H1zYw7NnypPzKBAYehVs14hMAHLUPm1PJf9AAAAAASUVORK5CYII=",
    indices:
      "0f070907030c0a0e0e0008070701010d0300080d0d06040506020c0b050b070d080b0c0b040e0407070d0409000c02000d0a070c010709",
  },
  {
    bits: 8,
    base64:
      "iVBORw0KGgoAAAANSUhEUgAAAAsAAAAFCAMAAACkeOZkAAADAFBMVEUAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl9gYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoOEhYaHiImKi4yNjo+QkZKTlJWWl5iZmpucnZ6foKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr/AwcLDxMXGx8jJysvMzc7P0NHS09TV1tfY2drb3N3e3+Dh4uPk5ebn6Onq6+zt7u/w8fLz9PX29/j5+vv8/f7/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6PkJGSk5SVlpeYmZqbnJ2en6ChoqOkpaanqKmqq6ytrq+wsbKztLW2t7i5uru8vb6/wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t/g4eLj5OXm5+jp6uvs7e7v8PHy8/T19vf4+fr7/P3+/wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj9AQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2BhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ent8fX5/gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp+goaKjpKWmp6ipqqusra6vsLGys7S1tre4ubq7vL2+v8DBwsPExcbHyMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+/z9/v/2UN+3AAAAR0lEQVR4nAE8AMP/AJjK3JSgjMFePOmYAFJzYYLs3GdiCrZgAOlS1sbCR+ewNg+FAJGqFHawFuWN8XJhALVUCmC3PTjZledgmVQdihRcy94AAAAASUVORK5CYII=",
    indices:
      "98cadc94a08cc15e3ce99852736182ecdc67620ab660e952d6c6c247e7b0360f8591aa1476b016e58df17261b5540a60b73d38d995e760",
  },
];
const GREY_16 =
  "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADEAAAAADBDy1ZAAAAJElEQVR4nGNo/Cl/OUTy6kcWoakv/0fs9mxmujCX7WfUzxQXALhMDXs7FcxQAAAAAElFTkSuQmCC";
const GREY_1 =
  "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADAQAAAACcj5NrAAAADklEQVR4nGO4wPSA6QMAB7ICpV34Gh8AAAAASUVORK5CYII=";
const INDEXED_TRANSPARENT =
  "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADAgMAAADJmkZVAAAADFBMVEUAAQIDBAUGBwgJCgvcTDicAAAAAXRSTlMAQObYZgAAAA5JREFUeJxjcGeIZVAHAAKnAMzVpr/0AAAAAElFTkSuQmCC";

for (const { bits, base64, indices } of PILLOW_INDEXED) {
  Deno.test(`decodePng() keeps the indices of a ${bits} bit palette image`, () => {
    const { raster, palette } = decodePng(Uint8Array.fromBase64(base64), "mask.png");
    assertEquals([raster.width, raster.height, raster.channels], [11, 5, 1]);
    assertEquals(raster.data, Uint8Array.fromHex(indices));
    assertEquals(palette?.length, 2 ** bits);
    assertEquals(palette?.[1], [3, 4, 5]);
  });
}

Deno.test("decodePng() drops a palette's transparency", () => {
  const { palette } = decodePng(Uint8Array.fromBase64(INDEXED_TRANSPARENT), "mask.png");
  assertEquals(palette?.[0], [0, 1, 2]);
});

Deno.test("decodePng() reads a view into a larger buffer", () => {
  const { base64, indices } = PILLOW_INDEXED[2]!;
  const file = Uint8Array.fromBase64(base64);
  const larger = new Uint8Array(file.length + 9);
  larger.set(file, 5);
  const { raster } = decodePng(larger.subarray(5, 5 + file.length), "view.png");
  assertEquals(raster.data, Uint8Array.fromHex(indices));
});

Deno.test("decodePng() rejects a file cut short anywhere, or with any byte of its pixels changed", () => {
  const file = encodeIndexedPng(
    { width: 9, height: 7, channels: 1, data: Uint8Array.from({ length: 63 }, (_, i) => i) },
    vocPalette(),
  );
  for (let cut = 0; cut < file.length - 4; cut++) {
    const error = assertThrows(
      () => decodePng(file.subarray(0, cut), "SegmentationClass/cut.png"),
      SyntaxError,
      "Cannot decode SegmentationClass/cut.png as PNG",
    );
    assert(isUserError(error));
  }
  const data = new TextDecoder("latin1").decode(file).indexOf("IDAT") + 4;
  for (let at = data; at < file.length - 16; at++) {
    const damaged = file.slice();
    damaged[at]! ^= 0x10;
    assertThrows(() => decodePng(damaged, "damaged.png"), SyntaxError, "damaged.png");
  }
});

Deno.test("decodePng() refuses numbers that it cannot give as they are", () => {
  for (const [base64, found] of [[GREY_16, "16 bits"], [GREY_1, "1 bits"]] as const) {
    const error = assertThrows(
      () => decodePng(Uint8Array.fromBase64(base64), "grey.png"),
      RangeError,
      `grey.png: found ${found} a channel, expected 8`,
    );
    assert(isUserError(error));
  }
});

Deno.test("decodePng() says what is wrong with chunks that no PNG has", () => {
  const file = Uint8Array.fromBase64(PILLOW_INDEXED[2]!.base64);
  const raw = inflated(file);
  const change = (png: Uint8Array, at: number, value: number) => {
    const copy = png.slice();
    copy[at] = value;
    return resealed(copy);
  };
  // The header's bytes 24 to 28: depth, colour type, compression, filter, interlacing.
  for (const [at, value] of [[24, 16], [24, 3], [25, 1], [25, 7], [26, 1], [27, 1], [28, 2]]) {
    const damaged = change(file, at!, value!);
    assertThrows(() => decodePng(damaged, "a.png"), SyntaxError, "header states what no PNG has");
  }
  const where = (png: Uint8Array, name: string) =>
    new TextDecoder("latin1").decode(png).indexOf(name);
  const renamed = (from: string, to: string) => {
    const copy = file.slice();
    copy.set(new TextEncoder().encode(to), where(file, from));
    return resealed(copy);
  };
  const cases: [Uint8Array, string][] = [
    [renamed("IHDR", "iHDR"), "its first chunk is no header (IHDR)"],
    [renamed("PLTE", "IHDR"), "it has two headers (IHDR)"],
    [renamed("PLTE", "pLTE"), "it has indices, but no palette (PLTE)"],
    [renamed("IDAT", "iDAT"), "it has no pixels (IDAT)"],
    [renamed("IEND", "iEND"), "it ends before its chunk IEND"],
    [change(file, 1, 0x51), "it has no PNG signature"],
    [file.subarray(0, 60), "a chunk of 48 bytes begins at byte 33 of 60"],
    [deflated(change(raw, where(raw, "IDAT") + 4, 5)), "filter 5"],
  ];
  for (const [bytes, message] of cases) {
    const error = assertThrows(() => decodePng(bytes, "a.png"), SyntaxError, message);
    assert(isUserError(error) && error.message.includes("a.png"));
  }
});

Deno.test("decodePng() reads interlaced images", () => {
  const { width, height, channels, data } = testImage(13, 9);
  const file = encode({ width, height, channels, data: new Uint8Array(data) }, {
    interlace: "Adam7",
  });
  assertEquals(decodePng(file, "interlaced.png").raster.data, data);
});

Deno.test("encodeIndexedPng() and encodeRgbPng() give back what they were given", () => {
  const palette = vocPalette();
  const mask = {
    width: 16,
    height: 16,
    channels: 1,
    data: Uint8Array.from({ length: 256 }, (_, i) => i),
  };
  assertEquals(decodePng(encodeIndexedPng(mask, palette), "mask.png"), { raster: mask, palette });
  const image = testImage(31, 17);
  assertEquals(decodePng(encodeRgbPng(image), "image.png"), { raster: image });
});

Deno.test("encodeIndexedPng() and encodeRgbPng() refuse what they cannot write", () => {
  const mask = { width: 2, height: 1, channels: 1, data: new Uint8Array([0, 3]) };
  const three = vocPalette().slice(0, 3);
  assertThrows(() => encodeIndexedPng(mask, three), RangeError, "class 3 with a palette of 3");
  assertThrows(() => encodeRgbPng(mask), TypeError, "found 1 channels of Uint8Array, expected 3");
  const floats = { ...mask, data: new Float32Array(2) };
  assertThrows(() => encodeIndexedPng(floats, vocPalette()), TypeError, "Float32Array");
  assertThrows(() => encodeIndexedPng({ ...mask, width: 3 }, vocPalette()), RangeError, "3x1x1");
});

Deno.test("vocPalette() is the devkit's colour map", () => {
  const palette = vocPalette();
  assertEquals(palette.length, 256);
  // Of labels_list and VOClabelcolormap: aeroplane, person, tv/monitor, and the "void" of object borders.
  assertEquals(palette[1], [128, 0, 0]);
  assertEquals(palette[15], [192, 128, 128]);
  assertEquals(palette[20], [0, 64, 128]);
  assertEquals(palette[255], [224, 224, 192]);
});
