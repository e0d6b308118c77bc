import { assertEquals, assertThrows } from "@std/assert";
import {
  decodeNpy,
  decodeNpyDict,
  encodeNpy,
  encodeNpyDict,
  type NdArray,
  type NpyKey,
} from "../../../../plugins/formats/numpy/npy.ts";
import { inTempFolder } from "../../../command.ts";
import { pythonTest, runPython } from "../../../python.ts";
import { arrays, refuses, saved } from "./npy_read.ts";

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
