import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
} from "../../../plugins/formats/safetensors.ts";
import type { StateArray, StateDict } from "../../../core/contracts/state_dict.ts";

/** A file with the given header and data, as bytes. */
function file(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

function refuses(bytes: Uint8Array, ...texts: string[]): void {
  const error = assertThrows(() => decodeSafetensors(bytes, "net.safetensors"), SyntaxError);
  assert(isUserError(error));
  for (const text of ["net.safetensors", ...texts]) {
    assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
  }
}

const mixed = new Map<string, StateArray>([
  ["mask", { dtype: "U8", shape: [3], data: new Uint8Array([0, 21, 255]) }],
  ["weight", {
    dtype: "F32",
    shape: [2, 2],
    data: new Float32Array([1.5, -0, Infinity, 1e-45]),
  }],
  ["steps", { dtype: "I64", shape: [1], data: new BigInt64Array([-(2n ** 53n) - 1n]) }],
  ["index", { dtype: "I32", shape: [], data: new Int32Array([-7]) }],
  ["empty", { dtype: "F32", shape: [0, 5], data: new Float32Array() }],
]);

Deno.test("encodeSafetensors() and decodeSafetensors() round-trip types, order, metadata and special values", () => {
  const bytes = encodeSafetensors(mixed, { kind: "test", "ключ": "значение" });
  const { tensors, metadata } = decodeSafetensors(bytes, "x");
  assertEquals([...tensors], [...mixed]);
  assert(Object.is((tensors.get("weight")!.data as Float32Array)[1], -0));
  assertEquals(metadata, { kind: "test", "ключ": "значение" });
});

Deno.test("encodeSafetensors() gives the same bytes for the same input and aligns every array", () => {
  const bytes = encodeSafetensors(mixed);
  assertEquals(bytes, encodeSafetensors(mixed));
  const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assertEquals(headerLength % 8, 0);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)));
  for (const [name, array] of mixed) {
    assertEquals(header[name].data_offsets[0] % array.data.BYTES_PER_ELEMENT, 0, name);
  }
});

Deno.test("encodeSafetensors() refuses a length that does not fit the shape, and the reserved name", () => {
  const array: StateArray = { dtype: "F32", shape: [3], data: new Float32Array(2) };
  assertThrows(() => encodeSafetensors(new Map([["w", array]])), RangeError, '"w"');
  const reserved = new Map([["__metadata__", { ...array, shape: [2] }]]);
  assertThrows(() => encodeSafetensors(reserved), RangeError, "reserved");
});

Deno.test("decodeSafetensors() reads at any byte alignment", () => {
  const bytes = encodeSafetensors(mixed);
  for (const shift of [1, 3, 4]) {
    const shifted = new Uint8Array(bytes.length + shift);
    shifted.set(bytes, shift);
    assertEquals([...decodeSafetensors(shifted.subarray(shift), "x").tensors], [...mixed]);
  }
  // A header of odd length leaves the data unaligned.
  const header = { w: { dtype: "F32", shape: [1], data_offsets: [0, 4] } };
  const text = JSON.stringify(header);
  for (const pad of ["", " ", "  ", "   "]) {
    const odd = file(text + pad, new Uint8Array(new Float32Array([2.5]).buffer));
    assertEquals([...decodeSafetensors(odd, "x").tensors.get("w")!.data], [2.5]);
  }
});

Deno.test("decodeSafetensors() widens F16 and BF16 exactly and rounds F64, and keeps the type's name", () => {
  const data = new Uint8Array([
    ...new Uint8Array(new Float64Array([0.1, 1e300]).buffer),
    // float16: 1, -2, smallest subnormal 2^-24, infinity
    ...[0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x00, 0x7c],
    // bfloat16: 1, -2, 2^-133 (subnormal)
    ...[0x80, 0x3f, 0x00, 0xc0, 0x01, 0x00],
  ]);
  const { tensors } = decodeSafetensors(
    file({
      d: { dtype: "F64", shape: [2], data_offsets: [0, 16] },
      h: { dtype: "F16", shape: [4], data_offsets: [16, 24] },
      b: { dtype: "BF16", shape: [3], data_offsets: [24, 30] },
    }, data),
    "x",
  );
  assertEquals(tensors.get("d"), {
    dtype: "F64",
    shape: [2],
    data: new Float32Array([Math.fround(0.1), Infinity]),
  });
  assertEquals(tensors.get("h")!.data, new Float32Array([1, -2, 2 ** -24, Infinity]));
  assertEquals(tensors.get("h")!.dtype, "F16");
  assertEquals(tensors.get("b")!.data, new Float32Array([1, -2, 2 ** -133]));
});

Deno.test("decodeSafetensors() refuses gaps, overlaps and surplus bytes, as the reference implementation does", () => {
  const u8 = (...data_offsets: [number, number]) => ({
    dtype: "U8",
    shape: [data_offsets[1] - data_offsets[0]],
    data_offsets,
  });
  const data = (length: number) => new Uint8Array(length);
  refuses(file({ a: u8(0, 1), b: u8(3, 4) }, data(4)), "bytes 1 to 3", '"b"', "no tensor's");
  refuses(file({ b: u8(1, 2) }, data(2)), "bytes 0 to 1", '"b"');
  refuses(file({ a: u8(0, 1), b: u8(1, 4) }, data(5)), "last 1 bytes");
  refuses(file({}, data(3)), "last 3 bytes");
  refuses(file({ a: u8(0, 2), b: u8(1, 3) }, data(3)), '"a"', '"b"', "overlap");
  refuses(file({ a: u8(0, 2), b: u8(1, 1) }, data(2)), '"a"', '"b"', "overlap");
  // Tensors without elements may lie between others, in any order of the header.
  const fine = file({ c: u8(2, 4), empty: u8(2, 2), a: u8(0, 2), none: u8(4, 4) }, data(4));
  assertEquals([...decodeSafetensors(fine, "x").tensors.keys()], ["c", "empty", "a", "none"]);
  assertEquals(decodeSafetensors(file({}), "x").tensors.size, 0);
});

Deno.test("tensors of types that are not read are passed over, their sizes checked", () => {
  const header = {
    mask: { dtype: "BOOL", shape: [3], data_offsets: [0, 3] },
    w: { dtype: "U8", shape: [1], data_offsets: [3, 4] },
    tiny: { dtype: "F4", shape: [2, 3], data_offsets: [4, 7] },
    c: { dtype: "C64", shape: [1], data_offsets: [7, 15] },
  };
  const { tensors } = decodeSafetensors(file(header, new Uint8Array(15).fill(5)), "x");
  assertEquals([...tensors].map(([name, { data }]) => [name, ...data]), [["w", 5]]);
  refuses(file({ mask: { ...header.mask, shape: [2] } }, new Uint8Array(3)), '"mask"', "needs 2");
  refuses(
    file({ tiny: { dtype: "F4", shape: [3], data_offsets: [0, 1] } }, new Uint8Array(1)),
    "1.5",
  );
});

Deno.test("names that JavaScript's objects have are plain names of tensors and metadata", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];
  const state: StateDict = new Map(
    names.map((name, i) => [name, { dtype: "F32", shape: [1], data: Float32Array.of(i) }]),
  );
  const metadata = Object.fromEntries(names.map((name) => [name, `of ${name}`]));
  const read = decodeSafetensors(encodeSafetensors(state, metadata), "x");
  assertEquals(
    [...read.tensors].map(([name, { data }]) => [name, data[0]]),
    names.map((name, i) => [name, i]),
  );
  assertEquals(Object.entries(read.metadata), Object.entries(metadata));
});

Deno.test("headers with lists without end and long names make short messages", () => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  refuses(file(`{"w":{"dtype":"F32","shape":${deep},"data_offsets":[0,4]}}`), "has shape […]");
  refuses(file(`{"w":{"dtype":${deep},"shape":[1],"data_offsets":[0,4]}}`), "has dtype […]");
  const long = "x".repeat(1_000_000);
  const error = assertThrows(
    () => decodeSafetensors(file({ [long]: { dtype: long } }), "x"),
    SyntaxError,
  );
  assert(error.message.length < 500, `${error.message.length}`);
});

Deno.test("decodeSafetensors() refuses what is no safetensors file, naming it", () => {
  refuses(new Uint8Array(5), "5 bytes");
  refuses(encodeSafetensors(mixed).subarray(0, 40), "truncated");
  refuses(new TextEncoder().encode("PK\x03\x04 a zip file, not safetensors at all"), "truncated");
  refuses(file("{ not json"), "JSON");
  refuses(file("[1]"), "object");
  refuses(file({ __metadata__: { step: 3 } }), "__metadata__", '"step"');
});

Deno.test("decodeSafetensors() refuses a bad tensor, naming file and tensor", () => {
  const data = new Uint8Array(8);
  const good = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  const bad = (change: object, ...texts: string[]) =>
    refuses(file({ "fc8.weight": { ...good, ...change } }, data), '"fc8.weight"', ...texts);
  bad({ dtype: "F8_E4M3" }, "F8_E4M3", "needs 2 bytes");
  bad({ dtype: "F7" }, "F7", "F32", "BOOL");
  bad({ dtype: "toString" }, "toString");
  bad({ shape: [-2] }, "shape");
  bad({ shape: [1.5] }, "shape");
  bad({ shape: "2" }, "shape");
  bad({ shape: [3] }, "[3]", "12 bytes");
  bad({ shape: [2 ** 52, 2 ** 52] }, "needs");
  bad({ data_offsets: [0, 16] }, "16", "8 data bytes");
  bad({ data_offsets: [8, 0] }, "8");
  bad({ data_offsets: [-4, 4] }, "data_offsets");
  bad({ data_offsets: [0] }, "data_offsets");
  refuses(file({ "fc8.weight": null }, data), '"fc8.weight"');
  refuses(
    file({ a: good, b: { dtype: "U8", shape: [1], data_offsets: [7, 8] } }, data),
    '"a"',
    '"b"',
    "overlap",
  );
});

Deno.test("readSafetensors() reads a file that PyTorch's users wrote and names one that is missing", async () => {
  const path = new URL("../../fixtures/pth_expected.safetensors", import.meta.url).pathname;
  const { tensors, metadata } = await readSafetensors(path);
  assertEquals(metadata["kind"], "pth");
  assert(tensors.size > 0);
  const error = await assertRejects(
    () => readSafetensors("no/such.safetensors"),
    Deno.errors.NotFound,
    "no/such.safetensors",
  );
  assert(isUserError(error));
});
