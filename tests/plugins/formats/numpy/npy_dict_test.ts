import { NPY as LABELS } from "../../datasets/voc12_npy.ts";
import { assertEquals } from "@std/assert";
import {
  decodeNpyDict,
  encodeNpyDict,
  type NdArray,
  type NpyKey,
} from "../../../../plugins/formats/numpy/npy.ts";
import { writeNpyHeader } from "../../../../plugins/formats/numpy/header.ts";
import { pickleArray, pickleObjectArray } from "../../../../plugins/formats/numpy/pickled.ts";
import { OP } from "../../../../plugins/formats/pickle/opcodes.ts";
import { joinBytes } from "../../../../plugins/formats/join_bytes.ts";
import {
  bool,
  build,
  bytes,
  call,
  dict,
  int,
  list,
  named,
  pickle,
  type Pickled,
  tuple,
} from "../../../../plugins/formats/pickle/write.ts";
import { arrays, refuses, saved } from "./npy_read.ts";

Deno.test("encodeNpyDict() and decodeNpyDict() round-trip keys, order and arrays", () => {
  const dict = new Map<NpyKey, NdArray>(
    arrays.map((array, i) => [i % 2 === 0 ? 20 - i : `bild ${i} ☃`, array]),
  );
  assertEquals([...decodeNpyDict(encodeNpyDict(dict), "x")], [...dict]);
  assertEquals(decodeNpyDict(encodeNpyDict(new Map()), "x"), new Map());
});

Deno.test("decodeNpyDict() reads a dict of maps as NumPy saved it", () => {
  const cams = decodeNpyDict(saved("cams"), "x");
  assertEquals([...cams], [
    [7, { type: "f4", shape: [2, 3], data: Float32Array.of(0, 0.25, 0.5, 0.75, 1, 1.25) }],
    [14, { type: "f4", shape: [2, 3], data: Float32Array.of(-1, 0, 1, 2, 3, 4) }],
  ]);
  assertEquals(decodeNpyDict(saved("emptyDict"), "x").size, 0);
});

Deno.test("decodeNpyDict() reads tables of labels of every pickle protocol", () => {
  for (const name of ["protocol2", "protocol3", "protocol4", "numpy2"] as const) {
    const table = decodeNpyDict(Uint8Array.fromBase64(LABELS[name]), "x");
    assertEquals([...table].map(([key, { data }]) => [key, [...data]]), [
      ["a", [1, 0, 1]],
      ["b", [0, 1, 0]],
    ], name);
  }
  const mixed = decodeNpyDict(Uint8Array.fromBase64(LABELS.mixed), "x");
  assertEquals([...mixed].map(([, { type, data }]) => [type, [...data]]), [
    ["i8", [1n, 0n]],
    ["b1", [1, 0]],
    ["f8", [0, 1]],
  ]);
});

Deno.test("decodeNpyDict() executes nothing and refuses all but a dict of arrays, naming the entry", () => {
  refuses(
    decodeNpyDict,
    Uint8Array.fromBase64(LABELS.evil),
    '"posix.system"',
    "nothing in a file is executed",
  );
  refuses(decodeNpyDict, Uint8Array.fromBase64(LABELS.none), "no dict");
  refuses(decodeNpyDict, saved("version1"), "<f4", "dict");
  refuses(decodeNpyDict, saved("list"), "[2]");
  refuses(decodeNpyDict, saved("nested"), "entry 0", "no array");
  refuses(decodeNpyDict, saved("cams").slice(0, -10), "cut short");
});

Deno.test("decodeNpyDict() reads NumPy's scalars and Python's numbers as keys and values", () => {
  const got = decodeNpyDict(saved("scalars"), "x");
  assertEquals([...got].map(([key, { type, shape, data }]) => [key, type, shape, [...data]]), [
    [7, "f4", [], [0.5]],
    ["é1", "i8", [], [2n ** 60n]],
    ["2007", "b1", [], [1]],
    ["raw", "f8", [], [1.5]],
    [200, "f8", [4], [0, 1, 1, 0.25]],
    [2 ** 53 - 1, "i2", [], [3]],
    [3, "f2", [], [-2]],
    [9, "f8", [], [7]],
    ["big", "f8", [], [0.1]],
  ]);
  assertEquals(decodeNpyDict(saved("float"), "x").get(0)!.data.length, 1);
});

Deno.test("decodeNpyDict() refuses keys that are neither text nor whole numbers, and two that are the same", () => {
  refuses(decodeNpyDict, saved("dateKey"), "a key of its dict is an object", "expected text");
  refuses(decodeNpyDict, saved("tupleKey"), "a key of its dict is a list");
  refuses(decodeNpyDict, saved("hugeKey"), "a key of its dict is a number, expected", "2⁵³");
  refuses(decodeNpyDict, saved("textValue"), "entry 1 is text", "no array");
  refuses(decodeNpyDict, saved("twins"), 'two keys of its dict are "a"');
});

Deno.test("decodeNpyDict() says what is wrong with types that repeat or contain themselves", () => {
  // A dtype whose code is a list of a list of … twice each: printed it would have 2 to the 40th parts.
  let code: Pickled = [...list(), Uint8Array.of(OP.BINPUT, 0)];
  for (let i = 0; i < 40; i++) {
    const again: Pickled[] = [[Uint8Array.of(OP.BINGET, i)], [Uint8Array.of(OP.BINGET, i)]];
    code = [...code, Uint8Array.of(OP.POP), ...list(...again), Uint8Array.of(OP.BINPUT, i + 1)];
  }
  const itself: Pickled = [
    ...list(),
    Uint8Array.of(OP.BINPUT, 0),
    Uint8Array.of(OP.BINGET, 0),
    Uint8Array.of(OP.APPEND),
  ];
  for (const bad of [code, itself]) {
    const type = call(named("numpy", "dtype"), bad, bool(false), bool(true));
    const empty = call(
      named("numpy.core.multiarray", "_reconstruct"),
      named("numpy", "ndarray"),
      tuple(int(0)),
      bytes(Uint8Array.of(0x62)),
    );
    const array = build(empty, tuple(int(1), tuple(), type, bool(false), bytes(new Uint8Array(4))));
    const header = writeNpyHeader({ descr: "|O", fortran: false, shape: [] });
    refuses(
      decodeNpyDict,
      joinBytes([header, ...pickle(pickleObjectArray(list(dict([[int(0), array]]))))]),
      "entry 0 has elements that are not read, a list",
    );
  }
});

Deno.test("decodeNpyDict() bounds what repeated references to the same bytes may copy", () => {
  const array = pickleArray({ type: "u1", shape: [1 << 24], data: new Uint8Array(1 << 24) });
  const first: Pickled = [...array, Uint8Array.of(OP.BINPUT, 0)];
  const again: Pickled = [Uint8Array.of(OP.BINGET, 0)];
  const repeated = (count: number) => {
    const entries = Array.from(
      { length: count },
      (_, i) => [int(i), i === 0 ? first : again] as const,
    );
    const header = writeNpyHeader({ descr: "|O", fortran: false, shape: [] });
    return joinBytes([header, ...pickle(pickleObjectArray(list(dict(entries))))]);
  };
  assertEquals(decodeNpyDict(repeated(3), "x").size, 3);
  refuses(decodeNpyDict, repeated(100), "bytes or more");
});
