/**
 * WebAssembly instructions as functions: `f32x4.add(a, b)` gives the code that computes a, computes b and adds them, so programs read
 * as formulas. Codes are those of the WebAssembly 3.0 specification, section 5.4.
 */
import { type Bytes, signed, unsigned } from "./encoding.ts";

/** Instructions that leave one value on the stack, or none. */
export type Code = Bytes;

const LANES = 4;
/** Alignment that loads and stores promise, as a power of two: that of a float. */
const ALIGNMENT = 2;

/** Code of a vector instruction. */
export const simd = (opcode: number): Bytes => [0xfd, ...unsigned(opcode)];
/** An instruction of one operand, by its code. */
export const unary = (opcode: Bytes): Unary => (a) => [...a, ...opcode];
/** An instruction of two operands, by its code. */
export const binary = (opcode: Bytes): Binary => (a, b) => [...a, ...b, ...opcode];
/** A constant vector of 16 bytes. */
export const vectorConstant = (bytes: Iterable<number>): Code => [...simd(0x0c), ...bytes];

const access = (opcode: Bytes): Load => (address, offset = 0) => [
  ...address,
  ...opcode,
  ALIGNMENT,
  ...unsigned(offset),
];

const storeAs = (opcode: Bytes): Store => (address, value, offset = 0) => [
  ...address,
  ...value,
  ...opcode,
  ALIGNMENT,
  ...unsigned(offset),
];

/** One instruction of one operand: its code, of the operand's. */
export type Unary = (value: Code) => Code;

/** One instruction of two operands. */
export type Binary = (a: Code, b: Code) => Code;

/** Reads at an address in bytes, to which `offset` is added without wrapping. */
export type Load = (address: Code, offset?: number) => Code;

/** Writes there. */
export type Store = (address: Code, value: Code, offset?: number) => Code;

/** A number as it stands in the code. */
export type Constant = (value: number) => Code;

/** Addresses and counters. Addresses are bytes; `offset` is added to them without wrapping. */
export const i32:
  & Readonly<
    Record<
      | "add"
      | "subtract"
      | "multiply"
      | "and"
      | "shiftLeft"
      | "shiftRightUnsigned"
      | "lessSigned"
      | "lessUnsigned"
      | "atLeastSigned",
      Binary
    >
  >
  & {
    readonly constant: Constant;
    readonly load: Load;
    readonly store: Store;
    readonly isZero: Unary;
  } = {
    constant: (value: number): Code => [0x41, ...signed(value)],
    load: access([0x28]),
    store: storeAs([0x36]),
    add: binary([0x6a]),
    subtract: binary([0x6b]),
    multiply: binary([0x6c]),
    and: binary([0x71]),
    shiftLeft: binary([0x74]),
    shiftRightUnsigned: binary([0x76]),
    lessSigned: binary([0x48]),
    lessUnsigned: binary([0x49]),
    atLeastSigned: binary([0x4e]),
    /** 1 for 0, else 0. */
    isZero: unary([0x45]),
  };

/** One float. */
export const f32: {
  readonly constant: Constant;
  readonly load: Load;
  readonly store: Store;
  readonly add: Binary;
  readonly subtract: Binary;
  readonly multiply: Binary;
} = {
  constant: (value: number): Code => [0x43, ...new Uint8Array(new Float32Array([value]).buffer)],
  load: access([0x2a]),
  store: storeAs([0x38]),
  add: binary([0x92]),
  subtract: binary([0x93]),
  multiply: binary([0x94]),
};

/** Sixteen bytes as bits. */
export const v128: {
  readonly load: Load;
  readonly store: Store;
  readonly loadLane: (address: Code, vector: Code, lane: number, offset?: number) => Code;
  readonly storeLane: (address: Code, vector: Code, lane: number, offset?: number) => Code;
  readonly and: Binary;
  readonly or: Binary;
  readonly xor: Binary;
  readonly any: Unary;
} = {
  load: access(simd(0x00)),
  store: storeAs(simd(0x0b)),
  /** A vector with another lane of 32 bits. */
  loadLane: (address, vector, lane, offset = 0) => [
    ...storeAs(simd(0x56))(address, vector, offset),
    lane,
  ],
  /** Stores a lane of 32 bits. */
  storeLane: (address, vector, lane, offset = 0) => [
    ...storeAs(simd(0x5a))(address, vector, offset),
    lane,
  ],
  and: binary(simd(0x4e)),
  or: binary(simd(0x50)),
  xor: binary(simd(0x51)),
  /** 1 where a bit is 1, else 0. */
  any: unary(simd(0x53)),
};

/** Four floats at a time. */
export const f32x4:
  & Readonly<
    Record<
      | "add"
      | "subtract"
      | "multiply"
      | "divide"
      | "max"
      | "maxOrNaN"
      | "min"
      | "less"
      | "unequal"
      | "and"
      | "xor",
      Binary
    >
  >
  & Readonly<Record<"splat" | "abs" | "nearest" | "powerOfTwo", Unary>>
  & Readonly<Record<"load" | "loadSplat" | "loadFirst", Load>>
  & Readonly<Record<"store" | "storeFirst", Store>>
  & {
    readonly constant: Constant;
    readonly relaxedMultiplyAdd: (a: Code, b: Code, c: Code) => Code;
    readonly shuffle: (
      a: Code,
      b: Code,
      lanes: readonly [number, number, number, number],
    ) => Code;
    readonly rotate: (a: Code, lanes: number) => Code;
  } = {
    constant: (value: number): Code =>
      vectorConstant(new Uint8Array(new Float32Array(LANES).fill(value).buffer)),
    load: v128.load,
    /** Loads one float into all four lanes. */
    loadSplat: access(simd(0x09)),
    /** Loads one float into the first lane, 0 into the others. */
    loadFirst: access(simd(0x5c)),
    store: v128.store,
    /** Stores the first lane. */
    storeFirst: (address, value, offset) => v128.storeLane(address, value, 0, offset),
    /** Copies one float into all four lanes. */
    splat: unary(simd(0x13)),
    abs: unary(simd(0xe0)),
    /** Nearest integer, halves to even. */
    nearest: unary(simd(0x6a)),
    add: binary(simd(0xe4)),
    subtract: binary(simd(0xe5)),
    multiply: binary(simd(0xe6)),
    divide: binary(simd(0xe7)),
    /** The greater of two numbers; a, where one is NaN. A single instruction on x86, unlike WebAssembly's own `max`. */
    max: binary(simd(0xeb)),
    /** The greater of two numbers; NaN, where one is. */
    maxOrNaN: binary(simd(0xe9)),
    /** The lesser of two numbers; a, where one is NaN. */
    min: binary(simd(0xea)),
    /** All bits 1 where a < b, else 0. */
    less: binary(simd(0x43)),
    /** All bits 1 where a is not b, else 0. */
    unequal: binary(simd(0x42)),
    /** Bits that both have. */
    and: v128.and,
    /** Bits that one of them has. */
    xor: v128.xor,
    /**
     * a · b + c, rounded once or twice, depending on the processor: one instruction where it has fused multiply-add. Not every engine
     * supports it.
     */
    relaxedMultiplyAdd: (a: Code, b: Code, c: Code): Code => [...a, ...b, ...c, ...simd(0x105)],
    /** Selects four lanes: 0..3 are those of a, 4..7 those of b. */
    shuffle: (a: Code, b: Code, lanes: readonly [number, number, number, number]): Code => [
      ...a,
      ...b,
      ...simd(0x0d),
      ...lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]),
    ],
    /** Rotates the lanes down by `lanes`. The code of `a` is emitted twice: pass a local. */
    rotate: (a: Code, lanes: number): Code => [
      ...a,
      ...a,
      ...simd(0x0d),
      ...Array.from({ length: 4 * LANES }, (_, byte) => (byte + 4 * lanes) % (4 * LANES)),
    ],
    /** 2^n of whole numbers n in -127..127, exactly; 0 for -127. */
    powerOfTwo: (n: Code): Code => {
      const bias = [...simd(0x0c), ...new Uint8Array(new Int32Array(LANES).fill(127).buffer)];
      const exponent = [...n, ...simd(0xf8), ...bias, ...simd(0xae)];
      return [...exponent, ...i32.constant(23), ...simd(0xab)];
    },
  };

/** Two doubles at a time. */
export const f64x2: {
  readonly zero: Code;
  readonly add: Binary;
  readonly multiply: Binary;
  readonly load: Load;
  readonly loadSplat: Load;
  readonly store: Store;
} = {
  zero: vectorConstant(new Uint8Array(16)),
  add: binary(simd(0xf0)),
  multiply: binary(simd(0xf2)),
  load: v128.load,
  /** Loads one double into both lanes. */
  loadSplat: access(simd(0x0a)),
  store: v128.store,
};

/**
 * Runs code at least once, and again while a condition holds.
 *
 * @param body what to repeat
 * @param condition an i32, not 0 to go on
 * @returns the loop
 */
export function repeat(body: readonly Code[], condition: Code): Code {
  return [0x03, 0x40, ...body.flat(), ...condition, 0x0d, 0, 0x0b];
}

/**
 * Runs code while a condition holds.
 *
 * @param condition an i32, not 0 to go on
 * @param body what to repeat
 * @returns the loop
 */
export function repeatWhile(condition: Code, body: readonly Code[]): Code {
  return when(condition, [repeat(body, condition)]);
}

/**
 * Runs code where a condition holds.
 *
 * @param condition an i32
 * @param then runs unless it is 0
 * @param otherwise runs where it is 0
 * @returns the branch
 */
export function when(
  condition: Code,
  then: readonly Code[],
  otherwise: readonly Code[] = [],
): Code {
  const rest = otherwise.length === 0 ? [] : [0x05, ...otherwise.flat()];
  return [...condition, 0x04, 0x40, ...then.flat(), ...rest, 0x0b];
}

/**
 * Calls another function of the module.
 *
 * @param position of the function among those that are assembled, from 0
 * @param inputs its parameters' values
 * @returns the call
 */
export function call(position: number, ...inputs: readonly Code[]): Code {
  return [...inputs.flat(), 0x10, ...unsigned(position)];
}
