import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Cams, readCams, writeCams } from "../../../core/cam_store.ts";
import { isMistake } from "../../../core/errors.ts";
import {
  decodeCamDict,
  encodeCamDict,
  readCamDict,
  writeCamDict,
} from "../../../core/interchange/cam_dict.ts";
import { encodeNpyDict, type NdArray, type NpyKey } from "../../../core/npy.ts";
import { inTempFolder } from "../../command.ts";
import { pythonTest, runPython } from "../../python.ts";
import { NPY } from "../npy_files.ts";

const cams: Cams = {
  width: 3,
  height: 2,
  maps: new Map([[14, Float32Array.of(0, 0.1, 1, 0.5, 0, 0)], [7, new Float32Array(6)]]),
};

function refuses(
  bytes: Uint8Array,
  options: Parameters<typeof decodeCamDict>[2],
  ...texts: string[]
): void {
  const error = assertThrows(() => decodeCamDict(bytes, "2007_000032.npy", options), RangeError);
  assert(isMistake(error));
  for (const text of ["2007_000032.npy", ...texts]) {
    assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
  }
}

function file(entries: readonly [NpyKey, NdArray][]): Uint8Array {
  return encodeNpyDict(new Map(entries));
}

Deno.test("CAMs go from the store to the authors' format and back unchanged, in order", async () => {
  await inTempFolder(async (folder) => {
    await writeCams(folder, "cat", { cams });
    const { cams: stored } = await readCams(folder, "cat");
    await writeCamDict(`${folder}/cat.npy`, stored!);
    const back = await readCamDict(`${folder}/cat.npy`, { classes: 20, size: cams });
    assertEquals(back, cams);
    assertEquals([...back.maps.keys()], [14, 7]);
  });
});

Deno.test("decodeCamDict() reads what NumPy saved, and other floats as float32", () => {
  const { width, height, maps } = decodeCamDict(Uint8Array.fromBase64(NPY.cams), "x", {
    classes: 20,
  });
  assertEquals([width, height, [...maps.keys()]], [3, 2, [7, 14]]);
  assertEquals([...maps.get(14)!], [-1, 0, 1, 2, 3, 4]);
  const wide = file([[0, { type: "f8", shape: [1, 1], data: Float64Array.of(0.1) }]]);
  assertEquals(decodeCamDict(wide, "x").maps.get(0), Float32Array.of(0.1));
});

Deno.test("decodeCamDict() takes a file of no maps only where the size is known", () => {
  const none = encodeCamDict({ width: 1, height: 1, maps: new Map() });
  assertEquals(decodeCamDict(none, "x", { size: cams }), { width: 3, height: 2, maps: new Map() });
  refuses(none, {}, "no map");
});

Deno.test("decodeCamDict() refuses classes out of range and maps of another type, shape or size", () => {
  const map: NdArray = { type: "f4", shape: [2, 3], data: new Float32Array(6) };
  refuses(file([[20, map]]), { classes: 20 }, "class 20", "0 to 19");
  refuses(file([[-1, map]]), {}, "class -1");
  refuses(file([["7", map]]), {}, 'class "7"');
  refuses(file([[0, { ...map, shape: [6] }]]), {}, "[6]");
  refuses(file([[0, { ...map, shape: [0, 3], data: new Float32Array() }]]), {}, "[0,3]");
  refuses(file([[0, { type: "u1", shape: [2, 3], data: new Uint8Array(6) }]]), {}, "u1", "floats");
  refuses(file([[0, map], [1, { ...map, shape: [3, 2] }]]), {}, "class 1", "2x3", "3x2");
  refuses(file([[0, map]]), { size: { width: 2, height: 3 } }, "3x2", "expected 2x3");
});

Deno.test("readCamDict() names a file that is missing", async () => {
  const error = await assertRejects(
    () => readCamDict("no/such.npy"),
    Deno.errors.NotFound,
    "no/such.npy",
  );
  assert(isMistake(error));
});

// As evaluation.py reads CAMs, and train_aff.py CRF scores.
const READ = `
import sys, numpy as np
cam_dict = np.load(sys.argv[1], allow_pickle=True).item()
h, w = list(cam_dict.values())[0].shape
tensor = np.zeros((21, h, w), np.float32)
for key in cam_dict.keys():
    tensor[key + 1] = cam_dict[key]
tensor[0, :, :] = 0.26
print(np.argmax(tensor, axis=0).astype(np.uint8).tolist())
print(np.array(list(cam_dict.values())).dtype, list(cam_dict.keys()))
`;

pythonTest("the authors' evaluation reads CAMs that are written here", ["numpy"], async () => {
  await inTempFolder(async (folder) => {
    await writeCamDict(`${folder}/cat.npy`, cams);
    const printed = await runPython(READ, `${folder}/cat.npy`);
    assertEquals(printed, "[[0, 0, 15], [15, 0, 0]]\nfloat32 [14, 7]\n");
  });
});
