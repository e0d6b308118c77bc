/**
 * WebAssembly's instructions on vectors of integers, as `instructions.ts` has those on floats.
 */
import {
  type Binary,
  binary,
  type Code,
  i32,
  simd,
  type Unary,
  unary,
  vectorConstant,
} from "./instructions.ts";

const shift = (opcode: number) => (a: Code, bits: number): Code => [
  ...a,
  ...i32.constant(bits),
  ...simd(opcode),
];

/** Sixteen bytes. */
export const i8x16: {
  readonly shuffle: (a: Code, b: Code, bytes: readonly number[]) => Code;
  readonly pick: (a: Code, bytes: readonly (number | undefined)[]) => Code;
  readonly clampUnsigned: Binary;
} = {
  /** Selects 16 bytes: 0..15 are those of a, 16..31 those of b. */
  shuffle: (a, b, bytes) => [...a, ...b, ...simd(0x0d), ...bytes],
  /** Selects 16 bytes of a, or 0 where there is no number. */
  pick: (a, bytes) => [...a, ...vectorConstant(bytes.map((byte) => byte ?? 0x80)), ...simd(0x0e)],
  /** Eight signed words of a and eight of b, clamped to 0..255. */
  clampUnsigned: binary(simd(0x66)),
};

/** Eight words of 16 bits. */
export const i16x8: {
  readonly lowBytes: Unary;
  readonly highBytes: Unary;
  readonly clampSigned: Binary;
} = {
  /** The first eight bytes, each a word of its own. */
  lowBytes: unary(simd(0x89)),
  /** The last eight bytes. */
  highBytes: unary(simd(0x8a)),
  /** Four signed integers of a and four of b, clamped to 16 bits. */
  clampSigned: binary(simd(0x85)),
};

/** Four integers of 32 bits. */
export const i32x4: {
  readonly constant: (value: number) => Code;
  readonly constants: (values: readonly [number, number, number, number]) => Code;
  readonly splat: Unary;
  readonly first: Unary;
  readonly add: Binary;
  readonly subtract: Binary;
  readonly multiply: Binary;
  readonly lessSigned: Binary;
  readonly atLeastSigned: Binary;
  readonly ofFloats: Unary;
  readonly toFloats: Unary;
  readonly dot: Binary;
  readonly shiftLeft: (a: Code, bits: number) => Code;
  readonly shiftRightSigned: (a: Code, bits: number) => Code;
} = {
  constant: (value) => vectorConstant(new Uint8Array(new Int32Array(4).fill(value).buffer)),
  constants: (values) => vectorConstant(new Uint8Array(Int32Array.from(values).buffer)),
  /** Copies one integer into all four lanes. */
  splat: unary(simd(0x11)),
  /** The first lane. */
  first: (a) => [...a, ...simd(0x1b), 0],
  add: binary(simd(0xae)),
  subtract: binary(simd(0xb1)),
  multiply: binary(simd(0xb5)),
  /** All bits 1 where a < b, else 0. */
  lessSigned: binary(simd(0x39)),
  /** All bits 1 where a >= b, else 0. */
  atLeastSigned: binary(simd(0x3f)),
  /** Floats without their fractions. */
  ofFloats: unary(simd(0xf8)),
  /** The nearest floats. */
  toFloats: unary(simd(0xfa)),
  /** Products of signed words, neighbours added: a0 · b0 + a1 · b1, and so on. */
  dot: binary(simd(0xba)),
  shiftLeft: shift(0xab),
  shiftRightSigned: shift(0xac),
};
