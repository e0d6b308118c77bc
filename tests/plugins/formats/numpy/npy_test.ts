import { assert, assertEquals, assertThrows } from "@std/assert";
import { isUserError } from "../../../../core/errors.ts";
import {
  decodeNpy,
  decodeNpyDict,
  encodeNpy,
  encodeNpyDict,
  type NdArray,
  type NpyKey,
} from "../../../../plugins/formats/numpy/npy.ts";
import { writeNpyHeader } from "../../../../plugins/formats/numpy/header.ts";
import { pickleArray, pickleObjectArray } from "../../../../plugins/formats/numpy/pickled.ts";
import { OP } from "../../../../plugins/formats/pickle/opcodes.ts";
import {
  bool,
  build,
  bytes,
  call,
  dict,
  int,
  join,
  list,
  named,
  pickle,
  type Pickled,
  tuple,
} from "../../../../plugins/formats/pickle/write.ts";
import { NPY as LABELS } from "../../datasets/voc12_npy.ts";
import { inTempFolder } from "../../../command.ts";
import { pythonTest, runPython } from "../../../python.ts";
import { NPY } from "./npy_files.ts";

function saved(name: keyof typeof NPY): Uint8Array {
  return Uint8Array.fromBase64(NPY[name]);
}

function refuses(
  read: (bytes: Uint8Array, from: string) => unknown,
  bytes: Uint8Array,
  ...texts: string[]
): void {
  const error = assertThrows(() => read(bytes, "a.npy"), SyntaxError);
  assert(isUserError(error));
  for (const text of ["a.npy", ...texts]) {
    assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
  }
}

/** A file of version 1 with any header. */
function file(header: string, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = new Uint8Array(new Uint16Array([text.length]).buffer);
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode("NUMPY"),
    1,
    0,
    ...length,
    ...text,
    ...data,
  ]);
}

const arrays: readonly NdArray[] = [
  { type: "f4", shape: [2, 1, 3], data: Float32Array.of(1, -0, NaN, Infinity, 1e-45, 0.1) },
  { type: "f8", shape: [1], data: Float64Array.of(0.1) },
  { type: "f2", shape: [2], data: Float16Array.of(0.5, -2) },
  { type: "u1", shape: [], data: Uint8Array.of(255) },
  { type: "b1", shape: [2], data: Uint8Array.of(0, 1) },
  { type: "i8", shape: [2], data: BigInt64Array.of(-(2n ** 63n), 7n) },
  { type: "i4", shape: [0, 4], data: new Int32Array() },
];

Deno.test("encodeNpy() and decodeNpy() round-trip types, shapes and special values", () => {
  for (const array of arrays) {
    const bytes = encodeNpy(array);
    assertEquals((bytes.length - array.data.byteLength) % 64, 0);
    assertEquals(decodeNpy(bytes, "x"), array);
  }
});

Deno.test("decodeNpy() reads versions 1 to 3, both byte orders and both element orders as NumPy saved them", () => {
  const counted = [0, 1, 2, 3, 4, 5];
  for (const version of ["version1", "version2", "version3"] as const) {
    assertEquals(decodeNpy(saved(version), "x"), {
      type: "f4",
      shape: [2, 3],
      data: new Float32Array(counted),
    });
  }
  const bigEndian = decodeNpy(saved("bigEndian"), "x");
  assertEquals(bigEndian, { type: "f8", shape: [2, 3], data: new Float64Array(counted) });
  const fortran = decodeNpy(saved("fortran"), "x");
  assertEquals(fortran, { type: "i8", shape: [2, 3], data: BigInt64Array.from(counted, BigInt) });
  const cube = Uint8Array.from({ length: 24 }, (_, i) => i);
  assertEquals(decodeNpy(saved("fortran3"), "x"), { type: "u1", shape: [2, 3, 4], data: cube });
  assertEquals(decodeNpy(saved("bool"), "x"), {
    type: "b1",
    shape: [2, 3],
    data: Uint8Array.of(0, 0, 0, 1, 1, 1),
  });
  assertEquals(decodeNpy(saved("scalar"), "x"), {
    type: "f2",
    shape: [],
    data: Float16Array.of(2.5),
  });
  assertEquals(decodeNpy(saved("empty"), "x").shape, [0, 3]);
});

Deno.test("decodeNpy() reads the long integers of Python 2's headers", () => {
  const header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2L, 1L), }\n";
  assertEquals(decodeNpy(file(header, Uint8Array.of(3, 4)), "x").shape, [2, 1]);
});

Deno.test("decodeNpy() refuses what is no array of numbers, naming the file", () => {
  refuses(decodeNpy, new Uint8Array(), ".npy");
  refuses(decodeNpy, saved("version1").slice(1), ".npy");
  refuses(decodeNpy, saved("version1").slice(0, 40), "cut short");
  refuses(decodeNpy, saved("version1").slice(0, -1), "24 bytes", "23");
  refuses(decodeNpy, Uint8Array.from([...saved("version1"), 0]), "25");
  refuses(decodeNpy, saved("version1").with(6, 4), "version 4");
  refuses(decodeNpy, saved("text"), "<U2", "numbers");
  refuses(decodeNpy, saved("complex"), "<c8");
  refuses(decodeNpy, saved("structured"), "header");
  refuses(decodeNpy, saved("cams"), "Python objects");
  const bad = (shape: string) =>
    refuses(decodeNpy, file(`{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`));
  for (
    const shape of [
      "(-1,)",
      "(1.5,)",
      "3",
      `(${"1,".repeat(65)})`,
      "(99999999999, 99999999999)",
      "None",
    ]
  ) bad(shape);
  refuses(decodeNpy, file(" ".repeat(10_001)), "10001");
});

Deno.test("encodeNpy() refuses a length that does not fit the shape", () => {
  const array: NdArray = { type: "f4", shape: [3], data: new Float32Array(2) };
  assertThrows(() => encodeNpy(array), RangeError, "[3]");
  assertThrows(() => encodeNpyDict(new Map([[0, array]])), RangeError, "[3]");
  assertThrows(() => encodeNpyDict(new Map([[0.5, { ...array, shape: [2] }]])), RangeError, "0.5");
});

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
      join([header, ...pickle(pickleObjectArray(list(dict([[int(0), array]]))))]),
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
    return join([header, ...pickle(pickleObjectArray(list(dict(entries))))]);
  };
  assertEquals(decodeNpyDict(repeated(3), "x").size, 3);
  refuses(decodeNpyDict, repeated(100), "bytes or more");
});

const LOAD = `
import sys, numpy as np
folder = sys.argv[1]
array = np.load(folder + "/array.npy")
print(array.dtype, array.shape, array.tolist())
maps = np.load(folder + "/dict.npy", allow_pickle=True).item()
print({key: (value.dtype.str, value.shape, value.tolist()) for key, value in maps.items()})
np.save(folder + "/back.npy", maps)
`;

pythonTest(
  "NumPy loads what encodeNpy() and encodeNpyDict() write, and back",
  ["numpy"],
  async () => {
    await inTempFolder(async (folder) => {
      const array: NdArray = {
        type: "i8",
        shape: [2, 1],
        data: BigInt64Array.of(-(2n ** 62n), 5n),
      };
      const dict = new Map<NpyKey, NdArray>([
        [14, { type: "f4", shape: [1, 2], data: Float32Array.of(0.25, 1) }],
        [0, { type: "f8", shape: [1], data: Float64Array.of(0.1) }],
        ["é", { type: "u1", shape: [], data: Uint8Array.of(3) }],
      ]);
      await Deno.writeFile(`${folder}/array.npy`, encodeNpy(array));
      await Deno.writeFile(`${folder}/dict.npy`, encodeNpyDict(dict));
      assertEquals(
        await runPython(LOAD, folder),
        "int64 (2, 1) [[-4611686018427387904], [5]]\n" +
          "{14: ('<f4', (1, 2), [[0.25, 1.0]]), 0: ('<f8', (1,), [0.1]), 'é': ('|u1', (), 3)}\n",
      );
      const back = decodeNpyDict(await Deno.readFile(`${folder}/back.npy`), "back.npy");
      assertEquals([...back], [...dict]);
    });
  },
);
