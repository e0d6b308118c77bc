import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { bytesSource } from "../../../plugins/formats/byte_source.ts";
import { isUserError } from "../../../core/errors.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { torchShape } from "../../../plugins/wsss/parameters/layout.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import { resnet38 } from "../../../plugins/backbones/resnet38.ts";
import { mxnetWeights } from "../../../plugins/weights/mxnet.ts";
import { openNdArrayList } from "../../../plugins/weights/mxnet/ndarray_list.ts";
import { resnet38Name } from "../../../plugins/weights/mxnet/resnet38_names.ts";
import { inTempFolder } from "../../command.ts";
import { eachBackend } from "../../backends.ts";
import { type ParamsArray, paramsFile, record, u32, u64 } from "./params_file.ts";

const registry = new Registry([mxnetWeights, resnet38]);

const arrays: readonly ParamsArray[] = [
  { name: "arg:w", shape: [2, 3], flag: 0, data: Float32Array.of(1, -2, 3, 0.5, 1e-45, Infinity) },
  { name: "aux:d", shape: [2], flag: 1, data: Float64Array.of(0.1, 1e300) },
  { name: "h", shape: [2], flag: 2, data: Float16Array.of(1.5, -2) },
  { name: "u", shape: [3, 1], flag: 3, data: Uint8Array.of(0, 1, 255) },
  { name: "i", shape: [1], flag: 4, data: Int32Array.of(-7) },
  { name: "l", shape: [1], flag: 6, data: BigInt64Array.of(-(2n ** 60n)) },
];

function open(bytes: Uint8Array) {
  return openNdArrayList(bytesSource(bytes, "net.params"));
}

function refuses(bytes: Uint8Array, ...texts: string[]): void {
  const error = assertThrows(() => open(bytes), SyntaxError);
  assert(isUserError(error));
  for (const text of ["net.params", ...texts]) {
    assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
  }
}

for (const version of ["legacy", 1, 2, 3] as const) {
  Deno.test(`openNdArrayList() reads every type from records of version ${version}`, () => {
    const list = open(paramsFile(arrays, version));
    assertEquals(list.names, arrays.map(({ name }) => name));
    const got = [...list.read()].map((
      [name, { dtype, shape, data }],
    ) => [name, dtype, shape, data]);
    const wanted: typeof got = [
      ["arg:w", "F32", [2, 3], arrays[0]!.data as Float32Array],
      ["aux:d", "F64", [2], Float32Array.of(0.1, Infinity)],
      ["h", "F16", [2], Float32Array.of(1.5, -2)],
      ["u", "U8", [3, 1], Uint8Array.of(0, 1, 255)],
      ["i", "I32", [1], Int32Array.of(-7)],
      ["l", "I64", [1], BigInt64Array.of(-(2n ** 60n))],
    ];
    assertEquals(got, wanted);
  });
}

Deno.test("openNdArrayList() passes over types that are not read, by their widths", () => {
  const raw = (bytes: number) => new Uint8Array(bytes).fill(1);
  const file = paramsFile([
    { name: "int8", shape: [3], flag: 5, data: raw(3) },
    { name: "bool", shape: [2], flag: 7, data: raw(2) },
    { name: "int16", shape: [2], flag: 8, data: raw(4) },
    { name: "uint64", shape: [1], flag: 11, data: raw(8) },
    { name: "bfloat16", shape: [2], flag: 12, data: Uint8Array.of(0x80, 0x3f, 0, 0xc0) },
    { name: "w", shape: [1], flag: 0, data: Float32Array.of(7) },
  ], 2);
  const { shapes, read } = open(file);
  assertEquals(shapes.get("bool"), { unread: "is of a type that is not read, bool" });
  assertEquals([...read()].map(([name, { dtype, data }]) => [name, dtype, ...data]), [
    ["bfloat16", "BF16", 1, -2],
    ["w", "F32", 7],
  ]);
});

Deno.test("openNdArrayList() reads scalars in records of version 3", () => {
  const scalar: ParamsArray = { name: "s", shape: [], flag: 0, data: Float32Array.of(2) };
  assertEquals(open(paramsFile([scalar], 3)).read().get("s")!.shape, []);
  refuses(paramsFile([scalar], 2), "array 0", "empty");
  refuses(paramsFile([scalar], "legacy"), "array 0", "empty");
});

Deno.test("openNdArrayList() refuses what is damaged, naming the file", () => {
  const good = paramsFile(arrays, 2);
  refuses(new Uint8Array(), "cut short");
  refuses(good.slice(1), "list of arrays");
  for (const cut of [9, 20, 60, good.length - 1]) refuses(good.slice(0, cut), "cut short");
  const list = (count: number, ...rest: number[][]) =>
    Uint8Array.from([...u64(0x112), ...u64(0), ...u64(count), ...rest.flat()]);
  refuses(list(2 ** 40), "1099511627776 arrays");
  refuses(list(0, u64(1)), "0 arrays and 1 names");
  const [w] = arrays as [ParamsArray];
  refuses(list(1, record({ ...w, shape: [2 ** 40, 2 ** 40] }, 2)), "cut short");
  refuses(list(1, record({ ...w, shape: [2 ** 52] }, 1)), "cut short");
  refuses(list(1, record({ ...w, shape: Array(33).fill(1) }, 2)), "33 dimensions");
  refuses(list(1, record({ ...w, flag: 13 }, 2)), "array 0", "type flag 13");
  refuses(Uint8Array.from([...good, 0]), "1 bytes follow", "belong to nothing");
  refuses(list(1, [...u32(0xf993fac9), ...u32(1)], new Array(64).fill(0)), "sparse");
  refuses(list(1, record(w, 2), u64(1), u64(2 ** 31)), "a name");
  refuses(paramsFile([w, w], 2), "same name");
});

/** MXNet's name of a parameter, by the rule that psa's `convert_mxnet_to_torch` inverts. */
function mxnetName(name: string): string {
  const statistics: Record<string, string> = {
    weight: "gamma",
    bias: "beta",
    running_mean: "moving_mean",
    running_var: "moving_var",
  };
  const parts = name.split(".");
  const field = parts.pop()!;
  if (name === "conv1a.weight") return "arg:conv1a_weight";
  const prefix = field.startsWith("running") ? "aux" : "arg";
  if (parts[0] === "bn7") return `${prefix}:bn7_${statistics[field]}`;
  const [stage, block] = parts[0]!.slice(1).split("_");
  const [kind, branch] = parts[1]!.split("_");
  const letter = block === undefined ? "a" : `b${block}`;
  return kind === "conv"
    ? `arg:res${stage}${letter}_${branch}_weight`
    : `${prefix}:bn${stage}${letter}_${branch}_${statistics[field]}`;
}

Deno.test("resnet38Name() names every parameter of resnet38, and nothing twice", async () => {
  const { params } = await registry.create("backbone", { use: "resnet38" }, undefined);
  const stored = params.map(({ name }) => mxnetName(name));
  assertEquals(new Set(stored).size, params.length);
  assertEquals(stored.map(resnet38Name), params.map(({ name }) => name));
  assert(stored.includes("arg:res4b1_branch2a_weight"));
  assert(stored.includes("aux:bn6a_branch2b2_moving_var"));
  assertEquals(resnet38Name("arg:linear1000_weight"), "linear1000.weight");
  for (const other of ["data", "res4c_branch2a_weight", "bn7_gamma_x", "resnet_weight"]) {
    assertEquals(resnet38Name(`arg:${other}`), other);
  }
});

eachBackend("mxnet weights fill resnet38 whole", async () => {
  await inTempFolder(async (folder) => {
    const use = { use: "resnet38", width: 1 };
    const { params: specs } = await registry.create("backbone", use, undefined);
    const stored = specs.map((spec, i): ParamsArray => {
      const shape = torchShape(spec);
      const size = shape.reduce((product, n) => product * n, 1);
      return {
        name: mxnetName(spec.name),
        shape,
        flag: 0,
        data: new Float32Array(size).fill(i + 0.5),
      };
    });
    const classifier: ParamsArray = {
      name: "arg:linear1000_weight",
      shape: [1, 2],
      flag: 0,
      data: new Float32Array(2),
    };
    await Deno.writeFile(`${folder}/net.params`, paramsFile([...stored, classifier], "legacy"));
    const weights = await registry.create("weights", { use: "mxnet", file: "net.params" }, {
      base: folder,
    });
    await weights.check();
    const tensors = await weights.read();
    const params = ParamStore.create(specs, Rng.of(0));
    try {
      params.load(tensors, { from: weights.path, allowExtra: weights.allowExtra ?? [] });
      const state = await params.toStateDict();
      specs.forEach(({ name }, i) => assertEquals(state.get(name)!.data[0], i + 0.5, name));
    } finally {
      params.dispose();
    }
  });
});

Deno.test("mxnet weights' check fails on a missing or broken file and on one parameter stored twice", async () => {
  await inTempFolder(async (folder) => {
    const make = (file: string) =>
      registry.create("weights", { use: "mxnet", file }, { base: folder });
    const none = await make("none.params");
    await assertRejects(() => none.check(), Deno.errors.NotFound, `${folder}/none.params`);
    await Deno.writeTextFile(`${folder}/text.params`, "not parameters at all, but long enough");
    const text = await make("text.params");
    await assertRejects(() => text.check(), SyntaxError, "text.params");
    const [w] = arrays as [ParamsArray];
    const twins = [{ ...w, name: "arg:conv1a_weight" }, { ...w, name: "conv1a_weight" }];
    await Deno.writeFile(`${folder}/twins.params`, paramsFile(twins, 2));
    const twice = await make("twins.params");
    const error = await assertRejects(() => twice.check(), SyntaxError, "conv1a.weight");
    assert(isUserError(error));
  });
});
