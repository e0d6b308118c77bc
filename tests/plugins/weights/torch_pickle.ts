import { zipSync } from "fflate";
import { OP } from "../../../plugins/formats/pickle/opcodes.ts";
import { joinBytes } from "../../../plugins/formats/join_bytes.ts";
import {
  bool,
  call,
  dict,
  int,
  named,
  none,
  pickle,
  type Pickled,
  text,
  tuple,
} from "../../../plugins/formats/pickle/write.ts";

/** How a tensor is to be described; a row of all elements unless told. */
export interface TensorOptions {
  readonly key?: string;
  /** Of the storage. */
  readonly length?: number;
  readonly type?: string;
  readonly offset?: number;
  readonly shape?: Pickled;
  readonly strides?: Pickled;
  readonly view?: Pickled;
}

/** @returns the pickle of a tensor, honest or not */
export function tensor(options: TensorOptions = {}): Pickled {
  const { key = "0", length = 4, type = "FloatStorage", offset = 0, view } = options;
  const { shape = sizes(length), strides = sizes(1) } = options;
  const id = tuple(
    text("storage"),
    named("torch", type),
    text(key),
    text("cpu"),
    int(length),
    ...view ? [view] : [],
  );
  const storage = [...id, Uint8Array.of(OP.BINPERSID)];
  const hooks = call(named("collections", "OrderedDict"));
  return call(
    named("torch._utils", "_rebuild_tensor_v2"),
    storage,
    int(offset),
    shape,
    strides,
    bool(false),
    hooks,
  );
}

/** @returns the tuple */
export function sizes(...values: readonly number[]): Pickled {
  return tuple(...values.map(int));
}

/** @returns the pickle of a dict by text */
export function object(entries: Readonly<Record<string, Pickled>>): Pickled {
  return dict(Object.entries(entries).map(([key, value]) => [text(key), value]));
}

/** @returns all pieces in one */
export function bytesOf(...parts: readonly Pickled[]): Uint8Array {
  return joinBytes(parts.flat());
}

/** @returns a zip archive as torch.save writes them */
export function archive(
  root: Pickled | Uint8Array,
  storages: Readonly<Record<string, ArrayBufferView>> = { "0": new Float32Array(4) },
): Uint8Array {
  const entries: Record<string, Uint8Array> = {
    "archive/data.pkl": root instanceof Uint8Array ? root : bytesOf(pickle(root)),
  };
  for (const [key, { buffer, byteOffset, byteLength }] of Object.entries(storages)) {
    entries[`archive/data/${key}`] = new Uint8Array(buffer, byteOffset, byteLength);
  }
  return zipSync(entries, { level: 0 });
}

/** @returns the pickles that every file of PyTorch before 1.6 begins with */
export function legacyStart(): Pickled {
  const magic = [Uint8Array.from([OP.LONG1, 10, ...MAGIC])];
  const machine = object({ protocol_version: int(1001), little_endian: bool(true) });
  return [...pickle(magic), ...pickle(int(1001)), ...pickle(machine)];
}

/** 0x1950a86a20f9469cfc6c */
const MAGIC = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** @returns a storage as files of PyTorch before 1.6 hold them */
export function legacyStorage(data: ArrayBufferView & { readonly length: number }): Pickled {
  const { buffer, byteOffset, byteLength, length } = data;
  return [
    new Uint8Array(new BigUint64Array([BigInt(length)]).buffer),
    new Uint8Array(buffer, byteOffset, byteLength),
  ];
}

/** @returns `None`, what a storage's view is in files since PyTorch 0.4 */
export const noView: () => Pickled = none;
