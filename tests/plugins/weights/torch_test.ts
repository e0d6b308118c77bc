import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { bytesSource } from "../../../plugins/formats/byte_source.ts";
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
import { torchWeights } from "../../../plugins/weights/torch.ts";
import { openPth } from "../../../plugins/weights/torch/pth.ts";
import { inTempFolder } from "../../command.ts";
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
import { read, refuses, saved } from "./torch_read.ts";

const registry = new Registry([torchWeights]);

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

Deno.test("openPth() keeps the shape that it checked where the pickle changes the list later", () => {
  const shape = [...list(int(4)), Uint8Array.of(OP.BINPUT, 0)];
  const grown = [Uint8Array.of(OP.BINGET, 0), ...int(1000), Uint8Array.of(OP.APPEND)];
  const root = object({ state_dict: object({ w: tensor({ shape }) }), later: grown });
  assertEquals(read(archive(root)).get("w")!.shape, [4]);
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
