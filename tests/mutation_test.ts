import { assert } from "@std/assert";
import * as fc from "fast-check";
import { unzipSync, zipSync } from "fflate";
import { bytesSource } from "../plugins/formats/byte_source.ts";
import { isUserError } from "../core/errors.ts";
import { decodeCamDict } from "../plugins/wsss/cams/cam_dict.ts";
import { decodeNpy, decodeNpyDict } from "../plugins/formats/numpy/npy.ts";
import { decodeSafetensors, encodeSafetensors } from "../plugins/formats/safetensors.ts";
import type { StateDict } from "../core/contracts/state_dict.ts";
import { openNdArrayList } from "../plugins/weights/mxnet/ndarray_list.ts";
import { openPth } from "../plugins/weights/torch/pth.ts";
import { IRN } from "./plugins/wsss/cams/irn_files.ts";
import { NPY } from "./plugins/formats/numpy/npy_files.ts";
import { mutations } from "./mutations.ts";
import { NPY as LABELS } from "./plugins/datasets/voc12_npy.ts";
import { type ParamsArray, paramsFile } from "./plugins/weights/params_file.ts";
import { PTH } from "./plugins/weights/torch_files.ts";

const RUNS = 2500;
const NAME = "broken.file";

/** What a reader may make of a file: the bound of `byteBudget`, and what it need not copy. */
const bound = (file: Uint8Array) => (1 << 26) + 10 * file.length;

function fixture(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(`fixtures/${name}`, import.meta.url));
}

function byteLength(arrays: Iterable<{ readonly data: ArrayBufferView }>): number {
  const buffers = new Set([...arrays].map(({ data }) => data.buffer));
  return [...buffers].reduce((sum, buffer) => sum + buffer.byteLength, 0);
}

/**
 * Every damaged file must give a result of bounded size, or a user error that names it; and both must happen, or nothing was tested.
 *
 * @param files intact ones
 * @param read gives the bytes that the result holds
 */
function survives(files: readonly Uint8Array[], read: (bytes: Uint8Array) => number): void {
  for (const file of files) read(file);
  let passed = 0, refused = 0;
  fc.assert(
    fc.property(mutations(files), (bytes) => {
      try {
        const size = read(bytes);
        passed++;
        assert(size <= bound(bytes), `${size} bytes of a file of ${bytes.length}`);
      } catch (error) {
        if (!isUserError(error) || !error.message.includes(NAME)) throw error;
        refused++;
      }
    }),
    { numRuns: RUNS, seed: 20_200_614 },
  );
  assert(passed > 0 && refused > 0, `${passed} read, ${refused} refused`);
}

function pth(bytes: Uint8Array): number {
  return byteLength(openPth(bytesSource(bytes, NAME)).read().values());
}

const torch = (name: keyof typeof PTH) => Uint8Array.fromBase64(PTH[name]);

Deno.test("a damaged .pth of the zip format is read or refused", async () => {
  survives([
    torch("zip"),
    torch("nested"),
    torch("protocol4"),
    torch("namespace"),
    await fixture("zip.pth"),
  ], pth);
});

Deno.test("a damaged .pth of the format before 1.6 is read or refused", async () => {
  survives([torch("legacy"), torch("namespace"), await fixture("legacy.pth")], pth);
});

Deno.test("a damaged pickle in an intact archive is read or refused", () => {
  const entries = unzipSync(torch("zip")), name = "archive/data.pkl";
  survives(
    [entries[name]!],
    (pickle) => pth(zipSync({ ...entries, [name]: pickle }, { level: 0 })),
  );
});

const params: readonly ParamsArray[] = [
  { name: "arg:conv1a_weight", shape: [2, 3, 1, 1], flag: 0, data: new Float32Array(6).fill(0.5) },
  { name: "aux:bn7_moving_var", shape: [3], flag: 1, data: Float64Array.of(1, 2, 3) },
  { name: "arg:bn7_gamma", shape: [2], flag: 2, data: Float16Array.of(1, 2) },
  { name: "u", shape: [3], flag: 3, data: Uint8Array.of(1, 2, 3) },
  { name: "l", shape: [1], flag: 6, data: BigInt64Array.of(7n) },
];

Deno.test("a damaged .params is read or refused", () => {
  const files = (["legacy", 1, 2, 3] as const).map((version) => paramsFile(params, version));
  survives(files, (bytes) => byteLength(openNdArrayList(bytesSource(bytes, NAME)).read().values()));
});

Deno.test("a damaged .npy of numbers is read or refused", () => {
  const names = ["version1", "version2", "version3", "bigEndian", "fortran3", "bool"] as const;
  const files = names.map((name) => Uint8Array.fromBase64(NPY[name]));
  survives(files, (bytes) => byteLength([decodeNpy(bytes, NAME)]));
});

Deno.test("a damaged .npy of a dict is read or refused", () => {
  const names = ["protocol2", "protocol3", "protocol4", "numpy2"] as const;
  const files = [NPY.cams, NPY.scalars, ...names.map((name) => LABELS[name])].map((text) =>
    Uint8Array.fromBase64(text)
  );
  survives(files, (bytes) => byteLength(decodeNpyDict(bytes, NAME).values()));
});

Deno.test("a damaged file of CAMs is read or refused", () => {
  survives([Uint8Array.fromBase64(NPY.cams)], (bytes) => {
    const { maps } = decodeCamDict(bytes, NAME, { classes: 20 });
    return byteLength([...maps.values()].map((data) => ({ data })));
  });
});

Deno.test("a damaged file of IRN's CAMs is read or refused", () => {
  const files = [IRN.theirs, IRN.tensors].map((text) => Uint8Array.fromBase64(text));
  survives(files, (bytes) => {
    const { maps } = decodeCamDict(bytes, NAME, { classes: 20 });
    return byteLength([...maps.values()].map((data) => ({ data })));
  });
});

Deno.test("a damaged .safetensors is read or refused", async () => {
  const state: StateDict = new Map([
    ["half", { dtype: "F32", shape: [2, 2], data: new Float32Array(4) }],
    ["step", { dtype: "I64", shape: [], data: BigInt64Array.of(3n) }],
    ["mask", { dtype: "U8", shape: [3], data: Uint8Array.of(0, 1, 255) }],
  ]);
  const files = [
    encodeSafetensors(state, { kind: "test" }),
    await fixture("pth_expected.safetensors"),
  ];
  survives(files, (bytes) => byteLength(decodeSafetensors(bytes, NAME).tensors.values()));
});
