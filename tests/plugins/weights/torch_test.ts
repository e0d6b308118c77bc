import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { zipSync } from "fflate";
import { bytesSource } from "../../../plugins/formats/byte_source.ts";
import { isUserError } from "../../../core/errors.ts";
import { OP } from "../../../plugins/formats/pickle/opcodes.ts";
import {
  call,
  dict,
  int,
  list,
  named,
  pickle,
  type Pickled,
  text,
} from "../../../plugins/formats/pickle/write.ts";
import { Registry } from "../../../core/registry/registry.ts";
import type { StateDict } from "../../../core/contracts/state_dict.ts";
import { torchWeights } from "../../../plugins/weights/torch.ts";
import { openPth } from "../../../plugins/weights/torch/pth.ts";
import { inTempFolder } from "../../command.ts";
import { PTH } from "./torch_files.ts";
import {
  archive,
  bytesOf,
  legacyStart,
  legacyStorage,
  noView,
  object,
  sizes,
  tensor,
} from "./torch_pickle.ts";

const registry = new Registry([torchWeights]);

function saved(name: keyof typeof PTH): Uint8Array {
  return Uint8Array.fromBase64(PTH[name]);
}

function read(bytes: Uint8Array, key?: string): StateDict {
  return openPth(bytesSource(bytes, "net.pth"), key).read();
}

function refuses(bytes: Uint8Array, ...texts: string[]): void {
  const error = assertThrows(() => read(bytes), SyntaxError);
  assert(isUserError(error));
  for (const text of ["net.pth", ...texts]) {
    assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
  }
}

for (const format of ["zip", "legacy"] as const) {
  Deno.test(`openPth() reads every type, views and shared storages that PyTorch saved (${format})`, () => {
    const tensors = read(saved(format));
    const got = [...tensors].map((
      [name, { dtype, shape, data }],
    ) => [name, dtype, shape, [...data]]);
    const base = Array.from({ length: 12 }, (_, i) => i / 4 - 1);
    assertEquals(got, [
      ["base", "F32", [3, 4], base],
      ["transposed", "F32", [4, 3], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11].map((i) => base[i]!)],
      ["column", "F32", [3], [-0.75, 0.25, 1.25]],
      ["rows", "F32", [2, 2], [0, 0.5, 1, 1.5]],
      ["last", "F32", [], [1.75]],
      ["expanded", "F32", [2, 3], [5, 5, 5, 6, 6, 6]],
      ["half", "F16", [4], [1, -2, 2 ** -24, Infinity]],
      ["bfloat", "BF16", [3], [1, -2, 3.140625]],
      ["double", "F64", [2], [Math.fround(0.1), Infinity]],
      ["long", "I64", [2], [-(2n ** 53n) - 1n, 7n]],
      ["int", "I32", [2], [-(2 ** 31), 3]],
      ["byte", "U8", [2], [0, 255]],
      ["empty", "F32", [0, 3], []],
      ["parameter", "F32", [1], [2.5]],
    ]);
    assertEquals(tensors.get("base")!.data.buffer, tensors.get("last")!.data.buffer);
  });
}

Deno.test("openPth() reads pickle protocol 4", () => {
  assertEquals(read(saved("protocol4")).get("w")!.shape, [3, 4]);
});

Deno.test("openPth() finds the state dict under state_dict or the key that is named", () => {
  const first = (key?: string) => read(saved("nested"), key).get("w")!.data[0];
  assertEquals([first(), first("state_dict"), first("ema")], [-1, -1, 0]);
  for (
    const [key, problem] of [["emma", 'did you mean "ema"'], ["epoch", "number"]]
  ) {
    assertThrows(() => read(saved("nested"), key), SyntaxError, problem);
  }
  refuses(archive(object({ model: object({}) })), "model (a dict)");
  refuses(archive(list(int(1))), "a list");
});

Deno.test("openPth() takes the entry state_dict, else the only dict with tensors, else the file itself", () => {
  const one = object({ w: tensor() });
  const names = (entries: Record<string, Pickled>, key?: string) => [
    ...openPth(bytesSource(archive(object(entries)), "net.pth"), key).shapes.keys(),
  ];
  const beside = { epoch: int(3), best_acc1: tensor(), arch: text("x") };
  assertEquals(names({ ...beside, state_dict: one }), ["w"]);
  assertEquals(names({ ...beside, state_dict: one, ema_state_dict: object({ e: tensor() }) }), [
    "w",
  ]);
  for (const key of ["model", "model_state", "net", "ema", "constructor", "__proto__"]) {
    assertEquals(names({ ...beside, [key]: one }), ["w"]);
    assertEquals(names({ ...beside, [key]: one }, key), ["w"]);
  }
  const optimizer = object({ state: dict([[int(0), object({ step: tensor() })]]), groups: list() });
  assertEquals(names({ ...beside, optimizer, model: one }), ["w"]);
  assertEquals(names({ w: tensor(), b: tensor() }), ["w", "b"]);
  assertEquals(names({ w: tensor(), state_dict: tensor() }), ["w", "state_dict"]);
  refuses(
    archive(object({ model: one, ema: object({ e: tensor() }) })),
    'its entries "model", "ema" all are dicts with tensors',
    "option key",
  );
  assertEquals(names({ model: one, ema: object({ e: tensor() }) }, "ema"), ["e"]);
  refuses(
    archive(object({ epoch: int(3), args: call(named("argparse", "Namespace")) })),
    "epoch (a number)",
    'args (an object of "argparse.Namespace")',
    "torch.save(dict(",
  );
  refuses(
    archive(object({ state_dict: int(3), model: one })),
    'its entry "state_dict" is a number',
  );
  const ordered = call(named("my.net", "State"));
  refuses(
    archive(object({ state_dict: ordered, model: one })),
    'an object of "my.net.State"',
    "torch.save(dict(",
  );
});

Deno.test("openPth() passes over what is no tensor, or of a type that is not read, until it is wanted", () => {
  const open = (bytes: Uint8Array) => openPth(bytesSource(bytes, "net.pth"));
  const root = object({
    w: tensor(),
    epoch: int(3),
    scale: call(named("numpy.core.multiarray", "scalar"), int(1)),
    mask: tensor({ key: "1", type: "BoolStorage" }),
    codes: tensor({ key: "2", type: "QInt8Storage" }),
    future: tensor({ key: "3", type: "TomorrowStorage" }),
  });
  const storages = {
    "0": new Float32Array(4),
    "1": new Uint8Array(4),
    "2": new Uint8Array(4),
    "3": new Uint8Array(4),
  };
  const { shapes, read: elements } = open(archive(root, storages));
  assertEquals([...elements().keys()], ["w"]);
  const unread = (name: string) => (shapes.get(name) as { unread: string }).unread;
  assertEquals(unread("epoch"), "is a number and no tensor");
  assert(
    unread("scale").startsWith('is an object of "numpy.core.multiarray.scalar" and no tensor; '),
  );
  assertEquals(unread("mask"), "is of a type that is not read, BoolStorage");
  assertEquals(unread("codes"), "is of a type that is not read, QInt8Storage");
  assertEquals(unread("future"), "is of a type that is not read, torch.TomorrowStorage");
  const legacy = (type: string) =>
    bytesOf(
      legacyStart(),
      pickle(object({ w: tensor(), mask: tensor({ key: "1", type }) })),
      pickle(list(text("1"), text("0"))),
      [
        new Uint8Array(new BigUint64Array([4n]).buffer),
        new Uint8Array(type === "ShortStorage" ? 8 : 4),
      ],
      legacyStorage(Float32Array.of(1, 2, 3, 4)),
    );
  for (const type of ["BoolStorage", "CharStorage", "ShortStorage", "QUInt8Storage"]) {
    assertEquals([...open(legacy(type)).read().get("w")!.data], [1, 2, 3, 4], type);
  }
  refuses(legacy("TomorrowStorage"), '"torch.TomorrowStorage"', "unknown size");
});

Deno.test("openPth() executes nothing, and names what a file wants", () => {
  const system = call(named("os", "system"), text("touch /tmp/executed"));
  refuses(archive(object({ w: system })), '"os.system"', "only tensors in plain dicts");
  refuses(bytesOf(legacyStart(), pickle(object({ w: system })), pickle(list())), '"os.system"');
  refuses(saved("module"), "torch.nn");
  for (const name of ["constructor", "__proto__", "Function", "toString"]) {
    refuses(archive(call(named("torch", name))), `"torch.${name}"`);
  }
  // Storage types are values, and a tensor is no function.
  refuses(archive(call(named("torch", "FloatStorage"))), "no function");
  refuses(archive(call(tensor())), "no function");
});

Deno.test("openPth() refuses tensors that do not lie inside their storage", () => {
  const w = (options: Parameters<typeof tensor>[0]) => archive(object({ w: tensor(options) }));
  refuses(w({ shape: sizes(5) }), "[5]", "4 elements");
  refuses(w({ offset: 1 }), "offset 1");
  refuses(w({ offset: -1 }), "offset");
  refuses(w({ shape: sizes(-4) }), "shape");
  refuses(w({ strides: sizes(-1) }), "strides");
  refuses(w({ strides: sizes(2) }), "[2]");
  refuses(w({ strides: sizes(1, 1) }), "strides");
  refuses(w({ shape: sizes(...Array(65).fill(1)), strides: sizes(...Array(65).fill(1)) }), "shape");
  const huge = 2 ** 31 - 1;
  refuses(w({ shape: sizes(huge, huge), strides: sizes(0, 0) }), "inside");
  refuses(w({ shape: sizes(huge), strides: sizes(0) }), "bytes or more");
  refuses(w({ length: 5 }), "16 bytes", "5 FloatStorage");
  refuses(w({ key: "1" }), "lacks storage 1");
  refuses(w({ key: "../data.pkl" }), "lacks storage");
  refuses(
    archive(object({ a: tensor(), b: tensor({ type: "IntStorage" }) })),
    "storage 0",
    "IntStorage",
  );
});

Deno.test("openPth() keeps the shape that it checked where the pickle changes the list later", () => {
  const shape = [...list(int(4)), Uint8Array.of(OP.BINPUT, 0)];
  const grown = [Uint8Array.of(OP.BINGET, 0), ...int(1000), Uint8Array.of(OP.APPEND)];
  const root = object({ state_dict: object({ w: tensor({ shape }) }), later: grown });
  assertEquals(read(archive(root)).get("w")!.shape, [4]);
});

Deno.test("openPth() bounds what overlapping views may copy", () => {
  const wide = { shape: sizes(1 << 12, 1 << 11), strides: sizes(0, 0) };
  const one = archive(object({ a: tensor(wide) }));
  assertEquals(read(one).get("a")!.data.length, 1 << 23);
  refuses(archive(object({ a: tensor(wide), b: tensor(wide), c: tensor(wide) })), "bytes or more");
});

Deno.test("openPth() reads a part of a storage as PyTorch 0.3 describes it", () => {
  const view = [...text("v"), ...int(1), ...int(2)];
  const part = (piece: typeof view) => [Uint8Array.of(OP.MARK), ...piece, Uint8Array.of(OP.TUPLE)];
  const root = object({
    v: tensor({ view: part(view), shape: sizes(2) }),
    w: tensor({ view: noView() }),
  });
  const data = Float32Array.of(1, 2, 3, 4);
  const file = bytesOf(legacyStart(), pickle(root), pickle(list(text("0"))), legacyStorage(data));
  const tensors = read(file);
  assertEquals([...tensors.get("v")!.data], [2, 3]);
  assertEquals([...tensors.get("w")!.data], [1, 2, 3, 4]);
  const outside = part([...text("v"), ...int(3), ...int(2)]);
  refuses(archive(object({ v: tensor({ view: outside }) })), "view of storage 0");
});

Deno.test("openPth() refuses legacy files that are cut short or lie", () => {
  const good = saved("legacy");
  for (const cut of [1, 5, 100, good.length - 100, good.length - 1]) {
    refuses(good.slice(0, cut), "cut short");
  }
  const data = new Float32Array(4);
  const rest = (keys: string[], ...storages: Float32Array[]) =>
    bytesOf(
      legacyStart(),
      pickle(object({ w: tensor() })),
      pickle(list(...keys.map(text))),
      ...storages.map(legacyStorage),
    );
  assertEquals(read(rest(["0"], data)).size, 1);
  refuses(rest([]), "lacks storage 0");
  refuses(rest(["1"], data), "no tensor shows");
  refuses(rest(["0", "0"], data, data), "twice");
  refuses(rest(["0"], new Float32Array(3)), "3 elements", "4");
  refuses(Uint8Array.from([...rest(["0"], data), 0, 0]), "2 bytes follow its last storage");
  refuses(bytesOf(pickle(int(7))), "not of torch.save");
  refuses(bytesOf(legacyStart().slice(0, 4), pickle(int(1002))), "1001");
});

/** Overwrites bytes of the first record with a signature. */
function patch(
  bytes: Uint8Array,
  signature: number,
  at: number,
  value: readonly number[],
): Uint8Array {
  const out = bytes.slice();
  const view = new DataView(out.buffer);
  let record = 0;
  while (view.getUint32(record, true) !== signature) record++;
  out.set(value, record + at);
  return out;
}

Deno.test("openPth() refuses archives that are cut short, compressed, damaged or lie", () => {
  const good = saved("zip");
  for (const cut of [4, 100, good.length - 1]) refuses(good.slice(0, cut), "zip archive");
  refuses(new Uint8Array(), "neither");
  refuses(new TextEncoder().encode("weights"), "neither");
  const root = bytesOf(pickle(object({ w: tensor() })));
  const bomb = new Uint8Array(1 << 24);
  refuses(zipSync({ "a/data.pkl": root, "a/data/0": bomb }, { level: 9 }), "a/data", "compressed");
  refuses(zipSync({ "a/version": root }, { level: 0 }), "0 data.pkl");
  refuses(zipSync({ "a/data.pkl": root, "b/data.pkl": root }, { level: 0 }), "2 data.pkl");
  refuses(
    zipSync({ "a/data.pkl": root, "a/byteorder": new TextEncoder().encode("big") }, { level: 0 }),
    "little-endian",
  );
  const central = 0x02014b50, local = 0x04034b50, end = 0x06054b50;
  refuses(patch(good, central, 8, [1, 0]), "encrypted");
  refuses(patch(good, central, 16, [0, 0, 0, 0]), "checksum");
  refuses(patch(good, central, 24, [255, 255, 255, 127]), "compressed");
  refuses(patch(good, central, 20, Array(8).fill(0x7f)), "beyond");
  refuses(patch(good, central, 42, [255, 255, 255, 127]), "cut short");
  refuses(patch(good, local, 30, [88]), "another name");
  refuses(patch(good, local, 0, [0]), "neither");
  refuses(patch(good, end, 10, [255, 255]), "zip64");
  refuses(patch(good, end, 10, [200, 0]), "cut short");
  refuses(patch(good, end, 16, [255, 255, 255, 127]), "beyond");
});

Deno.test("openPth() refuses entries that overlap", () => {
  const files = { "a/data.pkl": bytesOf(pickle(object({}))), "a/data/0": new Uint8Array(8) };
  const bytes = zipSync({ ...files, "a/data/1": new Uint8Array(8) }, { level: 0 });
  const view = new DataView(bytes.buffer);
  const records: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at++) {
    if (view.getUint32(at, true) === 0x02014b50) records.push(at);
  }
  // The last record points to the bytes of the one before it, under a name of the same length.
  bytes.copyWithin(records[2]! + 42, records[1]! + 42, records[1]! + 46);
  refuses(bytes, "a/data/1", "another name");
  bytes.set(bytes.subarray(records[1]! + 46, records[1]! + 54), records[2]! + 46);
  refuses(bytes, "overlap");
});

Deno.test("openPth() refuses an entry whose record lies inside another's bytes", () => {
  const root = bytesOf(pickle(object({})));
  const inner = zipSync({ "a/data/1": new Uint8Array(8) }, { level: 0 });
  const record = inner.subarray(0, 30 + 8);
  const bytes = zipSync({ "a/data.pkl": root, "a/data/0": record, "a/data/1": new Uint8Array(8) }, {
    level: 0,
  });
  const view = new DataView(bytes.buffer);
  const central: number[] = [], local: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at++) {
    if (view.getUint32(at, true) === 0x02014b50) central.push(at);
    if (view.getUint32(at, true) === 0x04034b50) local.push(at);
  }
  assertEquals(local.length, 4);
  // The last entry is said to lie where the bytes of the one before hold a record of its name.
  view.setUint32(central[2]! + 42, local[2]!, true);
  refuses(bytes, "a/data/0", "a/data/1", "overlap");
});

Deno.test("openPth() refuses pickles that are damaged", () => {
  const raw = (...bytes: number[]) => archive(Uint8Array.from(bytes));
  refuses(raw(), "cut short");
  refuses(raw(OP.STOP), "where there is none");
  refuses(raw(OP.TUPLE), "never began");
  refuses(raw(OP.BINGET, 3), "never stored");
  refuses(raw(0x69), "opcode 0x69");
  refuses(raw(OP.EMPTY_TUPLE, OP.NONE, OP.APPEND), "no list");
  refuses(raw(OP.NONE, OP.NONE, OP.NONE, OP.SETITEM), "no dict");
  refuses(raw(OP.NONE, OP.NONE, OP.BUILD), "state");
  refuses(raw(OP.NONE, OP.BINPERSID), "storage");
  refuses(raw(OP.BINUNICODE, 255, 255, 255, 255), "cut short");
  refuses(raw(OP.BINUNICODE, 1, 0, 0, 0, 0xff), "UTF-8");
  refuses(archive(dict([[int(1), tensor()]])), "a number for a name");
});

Deno.test("torch weights check and read a file relative to the base, and hand on what may differ", async () => {
  await inTempFolder(async (folder) => {
    await Deno.writeFile(`${folder}/net.pth`, saved("nested"));
    const use = {
      use: "torch",
      file: "net.pth",
      key: "ema",
      allowMissing: ["a"],
      allowExtra: ["b"],
    };
    const weights = await registry.create("weights", use, { base: folder });
    const card = await weights.check();
    const tensors = await weights.read();
    assertEquals([...tensors.get("w")!.data], [0, 0.25, 0.5, 0.75]);
    assertEquals(card, {});
    assertEquals(weights.path, `${folder}/net.pth`);
    assertEquals(weights.allowMissing, ["a"]);
    assertEquals(weights.allowExtra, ["*.num_batches_tracked", "b"]);
  });
});

Deno.test("torch weights' check fails on a missing or broken file and on a folder", async () => {
  await inTempFolder(async (folder) => {
    const make = (file: string) =>
      registry.create("weights", { use: "torch", file }, { base: folder });
    const none = await make("none.pth");
    await assertRejects(() => none.check(), Deno.errors.NotFound, `${folder}/none.pth`);
    for (const name of ["zip", "legacy"] as const) {
      await Deno.writeFile(`${folder}/${name}.pth`, saved(name).slice(0, -1));
      const cut = await make(`${name}.pth`);
      await assertRejects(() => cut.check(), SyntaxError, `${name}.pth`);
    }
    await Deno.mkdir(`${folder}/folder.pth`);
    const inner = await make("folder.pth");
    await assertRejects(() => inner.check(), Error, "no file");
  });
});
