import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { writeAtomic } from "../../../../core/run/atomic.ts";
import { type Cams, readCams, writeCams } from "../../../../plugins/wsss/cams/cam_store.ts";
import { isUserError } from "../../../../core/errors.ts";
import {
  decodeCamDict,
  encodeCamDict,
  readCamDict,
  writeCamDict,
} from "../../../../plugins/wsss/cams/cam_dict.ts";
import { encodeNpyDict, type NdArray, type NpyKey } from "../../../../plugins/formats/numpy/npy.ts";
import { inTempFolder } from "../../../command.ts";
import { pythonTest, runPython } from "../../../python.ts";
import { NPY } from "../../formats/numpy/npy_files.ts";
import { IRN } from "./irn_files.ts";

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
  assert(isUserError(error));
  for (const text of ["2007_000032.npy", ...texts]) {
    assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
  }
}

function file(entries: readonly [NpyKey, NdArray][]): Uint8Array {
  return encodeNpyDict(new Map(entries));
}

Deno.test("CAMs go from the store to the authors' format and back unchanged, in order", async () => {
  await inTempFolder(async (folder) => {
    await writeCams(folder, "cat", { cams }, writeAtomic, "float32");
    const { cams: stored } = await readCams(folder, "cat");
    await writeCamDict(`${folder}/cat.npy`, stored!, writeAtomic);
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

const irn = (name: keyof typeof IRN) => Uint8Array.fromBase64(IRN[name]);
const eighths = (from: number) => Float32Array.from({ length: 6 }, (_, i) => (from + i) / 8);

Deno.test("decodeCamDict() reads IRN's CAM files, whichever of their arrays are tensors", () => {
  const wanted = { width: 3, height: 2, maps: new Map([[7, eighths(0)], [14, eighths(6)]]) };
  assertEquals(decodeCamDict(irn("theirs"), "x", { classes: 20 }), wanted);
  assertEquals(decodeCamDict(irn("tensors"), "x", { classes: 20, size: wanted }), wanted);
  // What is not needed may be anything.
  assertEquals(decodeCamDict(irn("odd"), "x", { classes: 20 }), wanted);
  assertEquals(decodeCamDict(irn("none"), "x"), { width: 3, height: 2, maps: new Map() });
});

Deno.test("decodeCamDict() refuses files of IRN's form that do not fit together", () => {
  refuses(irn("low"), {}, 'no "high_res"', '"keys", "cam"');
  refuses(irn("twice"), {}, "name a class twice");
  refuses(irn("count"), {}, "[1]", "[2,2,3]", "[K,height,width]");
  refuses(irn("theirs"), { classes: 14 }, "class 14", "0 to 13");
  refuses(irn("theirs"), { size: { width: 2, height: 3 } }, "3x2", "expected 2x3");
  const error = assertThrows(() => decodeCamDict(irn("bools"), "2007.npy"), SyntaxError);
  assert(isUserError(error));
  assert(
    error.message.includes(
      'entry "high_res": it is a tensor of a type that is not read, BoolStorage',
    ),
    error.message,
  );
});

/** As IRN's `step/make_cam.py` saves them, at the sizes of its authors' network. */
const IRN_SAVE = `
import sys, numpy as np, torch
torch.manual_seed(1)
valid_cat = torch.nonzero(torch.eye(20)[[3, 9]].sum(0))[:, 0]
strided_cam, highres_cam = torch.rand(2, 71, 94), torch.rand(20, 281, 375)[valid_cat]
np.save(sys.argv[1], {"keys": valid_cat, "cam": strided_cam.cpu(), "high_res": highres_cam.cpu().numpy()})
print(valid_cat.tolist(), highres_cam.double().sum().item(), float(highres_cam[1, 100, 200]))
`;

pythonTest("decodeCamDict() reads what IRN's make_cam.py saves", ["numpy", "torch"], async () => {
  await inTempFolder(async (folder) => {
    const printed = await runPython(IRN_SAVE, `${folder}/cat.npy`);
    const { width, height, maps } = await readCamDict(`${folder}/cat.npy`, { classes: 20 });
    const sum = [...maps.values()].reduce((all, map) => map.reduce((a, b) => a + b, all), 0);
    const [classes, theirSum, one] = printed.trim().split(/ (?!\d+\])/);
    assertEquals([width, height, JSON.stringify([...maps.keys()])], [
      375,
      281,
      classes!.replace(" ", ""),
    ]);
    assertAlmostEquals(sum, Number(theirSum), 1e-6);
    assertEquals(maps.get(9)![100 * 375 + 200], Number(one));
  });
});

Deno.test("readCamDict() names a file that is missing", async () => {
  const error = await assertRejects(
    () => readCamDict("no/such.npy"),
    Deno.errors.NotFound,
    "no/such.npy",
  );
  assert(isUserError(error));
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
    await writeCamDict(`${folder}/cat.npy`, cams, writeAtomic);
    const printed = await runPython(READ, `${folder}/cat.npy`);
    assertEquals(printed, "[[0, 0, 15], [15, 0, 0]]\nfloat32 [14, 7]\n");
  });
});
