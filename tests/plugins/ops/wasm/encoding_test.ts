import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { list, name, signed, sized, unsigned } from "../../../../plugins/ops/wasm/encoding.ts";

function decode(bytes: readonly number[]): bigint {
  return bytes.reduce((sum, byte, i) => sum | BigInt(byte & 0x7f) << BigInt(7 * i), 0n);
}

Deno.test("unsigned integers survive LEB128 in as few bytes as possible", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => {
    const bytes = unsigned(value);
    assertEquals(decode(bytes), BigInt(value));
    assertEquals(bytes.length, Math.max(1, Math.ceil(value.toString(2).length / 7)));
  }));
});

Deno.test("signed integers survive LEB128", () => {
  fc.assert(fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (value) => {
    const bytes = signed(value);
    assertEquals(BigInt.asIntN(7 * bytes.length, decode(bytes)), BigInt(value));
  }));
});

Deno.test("lists, names and sections start with their length", () => {
  assertEquals(list([[1, 2], [3]]), [2, 1, 2, 3]);
  assertEquals(name("q̂"), [3, 0x71, 0xcc, 0x82]);
  assertEquals(sized(new Array(200).fill(0)).slice(0, 3), [0xc8, 0x01, 0]);
});
