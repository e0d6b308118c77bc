import { assertEquals } from "@std/assert";
import { zipSync } from "fflate";
import { OP } from "../../../plugins/formats/pickle/opcodes.ts";
import {
  call,
  dict,
  int,
  list,
  named,
  pickle,
  text,
} from "../../../plugins/formats/pickle/write.ts";
import {
  archive,
  bytesOf,
  legacyStart,
  legacyStorage,
  object,
  sizes,
  tensor,
} from "./torch_pickle.ts";
import { read, refuses, saved } from "./torch_read.ts";

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

Deno.test("openPth() bounds what overlapping views may copy", () => {
  const wide = { shape: sizes(1 << 12, 1 << 11), strides: sizes(0, 0) };
  const one = archive(object({ a: tensor(wide) }));
  assertEquals(read(one).get("a")!.data.length, 1 << 23);
  refuses(archive(object({ a: tensor(wide), b: tensor(wide), c: tensor(wide) })), "bytes or more");
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
