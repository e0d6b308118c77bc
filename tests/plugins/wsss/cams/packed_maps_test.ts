import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { isUserError } from "../../../../core/errors.ts";
import { type MapsShape, packMaps, unpackMaps } from "../../../../plugins/wsss/cams/packed_maps.ts";

const size = fc.integer({ min: 1, max: 9 });
const shapes = fc.tuple(fc.integer({ min: 0, max: 3 }), size, size);

Deno.test("any maps come back as float16 rounds them, whatever their shape", () => {
  const maps = shapes.chain((shape) =>
    fc.tuple(
      fc.constant<MapsShape>(shape),
      fc.array(fc.float({ min: -65504, max: 65504 }), {
        minLength: shape[0] * shape[1] * shape[2],
        maxLength: shape[0] * shape[1] * shape[2],
      }),
    )
  );
  fc.assert(fc.property(maps, ([shape, values]) => {
    const data = Float32Array.from(values);
    const found = unpackMaps(packMaps(data, shape), shape);
    assertEquals(found, new Float32Array(new Float16Array(data)));
  }));
});

Deno.test("not a number and the infinities stay what they are, for their reader to refuse", () => {
  const data = Float32Array.of(NaN, Infinity, -Infinity, 0);
  assertEquals(unpackMaps(packMaps(data, [1, 2, 2]), [1, 2, 2]), data);
});

Deno.test("smooth maps take an eighth of float32", () => {
  const side = 256;
  const data = Float32Array.from(
    { length: 2 * side * side },
    (_, i) => (1 + Math.sin(i % side / 40) * Math.cos(Math.floor(i / side) / 40)) / 2,
  );
  const packed = packMaps(data, [2, side, side]);
  assert(packed.length < data.byteLength / 8, `${packed.length} of ${data.byteLength}`);
});

Deno.test("a number too large for float16 is refused, and float32 named", () => {
  const error = assertThrows(
    () => packMaps(Float32Array.of(1, 65520), [1, 1, 2]),
    RangeError,
    "Cannot store 65520 in float16, whose largest number is 65504; set store: float32",
  );
  assert(isUserError(error));
});

Deno.test("bytes that are cut, changed or of another shape are refused", () => {
  const data = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i));
  const packed = packMaps(data, [3, 4, 5]);
  const changed = packed.slice();
  changed[30]! ^= 1;
  for (
    const damaged of [
      packed.slice(0, 40),
      packed.slice(0, -1),
      changed,
      new Uint8Array(9),
      new Uint8Array(0),
    ]
  ) {
    assertThrows(() => unpackMaps(damaged, [3, 4, 5]), SyntaxError, "its maps are damaged: ");
  }
  assertThrows(
    () => unpackMaps(packed, [3, 4, 6]),
    SyntaxError,
    "its maps unpack to 120 bytes, expected 144",
  );
  assertThrows(
    () => unpackMaps(packed, [1, 4, 5]),
    SyntaxError,
    "its maps unpack to more bytes, expected 40",
  );
});
