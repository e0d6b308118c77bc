import {
  ByteReader,
  BYTES,
  type ByteSource,
  decodeElements,
  type DType,
  type StateArray,
  type StateDict,
  type StateShapes,
  userError,
} from "seamstress";

/** `kMXAPINDArrayListMagic`. */
const LIST_MAGIC = 0x112;

/** First word of a record, by version; in the oldest it is the number of dimensions. */
const V1_MAGIC = 0xf993fac8;
const V2_MAGIC = 0xf993fac9;
const V3_MAGIC = 0xf993faca;

/** `kDefaultStorage`, the only storage type that is read. */
const DENSE = 0;

/** More than any network has. */
const MAX_ARRAYS = 1 << 16;

/** More than any array has. */
const MAX_DIMENSIONS = 32;

/** Longest name, in bytes. */
const MAX_NAME = 4096;

const utf8 = new TextDecoder();

/** By type flag; `mshadow/base.h`. */
const TYPES: Readonly<Record<number, DType>> = {
  0: "F32",
  1: "F64",
  2: "F16",
  3: "U8",
  4: "I32",
  6: "I64",
  12: "BF16",
};

/** Types that are not read, and their bytes per element. */
const NOT_READ: Readonly<Record<number, readonly [string, number]>> = {
  5: ["int8", 1],
  7: ["bool", 1],
  8: ["int16", 2],
  9: ["uint16", 2],
  10: ["uint32", 4],
  11: ["uint64", 8],
};

/** An array in the file. */
interface Place {
  /** What it is read as; without it such arrays are not read. */
  readonly dtype?: DType;
  /** MXNet's name of the type. */
  readonly type: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** A list of named arrays whose elements are not read yet. */
export interface NdArrayList {
  /** Names as stored, such as `arg:conv1a_weight`. */
  readonly names: readonly string[];
  /** Types and shapes by name as stored; also what is not read. */
  readonly shapes: StateShapes;
  /** @returns name as stored → array, in file order, without what is not read */
  read(): StateDict;
}

/**
 * Opens a `.params` file of MXNet and checks all but the elements; apache/mxnet, `src/ndarray/ndarray.cc`, `NDArray::Load`:
 *
 * ```text
 * u64 0x112, u64 reserved, u64 count, records, u64 count, names (u64 length, bytes)
 * record: [V2: i32 storage type] [u32 dimensions, sizes: u32 in the oldest, else i64] [i32 device, i32 id] [i32 type] elements
 * ```
 *
 * @param source the file
 * @returns its arrays, to be read while the source is open
 * @throws {SyntaxError} naming the file where it is damaged, or holds sparse, empty or unnamed arrays
 */
export function openNdArrayList(source: ByteSource): NdArrayList {
  const broken = (problem: string) =>
    userError(new SyntaxError(`Cannot read ${source.name} as MXNet parameters: ${problem}`));
  const reader = new ByteReader(source, broken);
  if (reader.u64() !== LIST_MAGIC) throw broken("it does not begin as a list of arrays");
  reader.skip(8);
  const count = reader.u64();
  if (count > MAX_ARRAYS) throw broken(`it claims to have ${count} arrays, at most ${MAX_ARRAYS}`);
  const places = Array.from({ length: count }, (_, i) => readPlace(reader, `array ${i}`));
  const named = reader.u64();
  if (named !== count) throw broken(`it has ${count} arrays and ${named} names`);
  const names = Array.from({ length: count }, () => readName(reader));
  if (new Set(names).size !== count) throw broken("two of its arrays have the same name");
  if (reader.remaining > 0) {
    throw broken(`${reader.remaining} bytes follow its last name, which belong to nothing`);
  }
  return {
    names,
    shapes: new Map(places.map(({ dtype, type, shape }, i) => [
      names[i]!,
      dtype ? { dtype, shape } : { unread: `is of a type that is not read, ${type}` },
    ])),
    read: () =>
      new Map(
        places.flatMap(({ dtype, shape, begin, end }, i): [string, StateArray][] =>
          dtype
            ? [[names[i]!, { dtype, shape, data: decodeElements(source.read(begin, end), dtype) }]]
            : []
        ),
      ),
  };
}

function readPlace(reader: ByteReader, what: string): Place {
  const { broken } = reader;
  const version = reader.u32();
  const hasStorage = version === V2_MAGIC || version === V3_MAGIC;
  if (hasStorage && reader.i32() !== DENSE) throw broken(`${what} is sparse or empty`);
  const shape = hasStorage || version === V1_MAGIC
    ? readSizes(reader, reader.u32(), () => reader.u64(), what)
    : readSizes(reader, version, () => reader.u32(), what);
  // Only NumPy semantics know arrays without dimensions; before them they were arrays without elements.
  if (shape.length === 0 && version !== V3_MAGIC) throw broken(`${what} is empty`);
  reader.skip(8);
  const flag = reader.u32();
  const dtype = TYPES[flag];
  const [type, width] = dtype ? [dtype, BYTES[dtype]] as const : NOT_READ[flag] ?? [];
  if (type === undefined || width === undefined) {
    throw broken(`${what} has type flag ${flag}, known are 0 to 12`);
  }
  const begin = reader.position;
  reader.skip(shape.reduce((product, size) => product * size, width));
  return { ...dtype && { dtype }, type, shape, begin, end: reader.position };
}

function readSizes(
  reader: ByteReader,
  dimensions: number,
  size: () => number,
  what: string,
): readonly number[] {
  if (dimensions > MAX_DIMENSIONS) {
    throw reader.broken(`${what} claims ${dimensions} dimensions, at most ${MAX_DIMENSIONS}`);
  }
  return Array.from({ length: dimensions }, size);
}

function readName(reader: ByteReader): string {
  const length = reader.u64();
  if (length > MAX_NAME) throw reader.broken(`a name claims ${length} bytes, at most ${MAX_NAME}`);
  return utf8.decode(reader.bytes(length));
}
