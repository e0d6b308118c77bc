import { type Code, f32x4, i32 } from "./instructions.ts";
import type { Local } from "./module.ts";

/** Bytes of a float, and of a vector register. */
export const FLOAT = 4, VECTOR = 16;
/** Floats in a vector register. */
export const LANES = VECTOR / FLOAT;

/** a · b + c of vectors. */
export type MultiplyAdd = (a: Code, b: Code, c: Code) => Code;

/**
 * Chooses how a product is added.
 *
 * @param relaxed whether the engine has relaxed SIMD
 * @returns its fused instruction, or two instructions
 */
export function multiplyAddOf(relaxed: boolean): MultiplyAdd {
  return relaxed ? f32x4.relaxedMultiplyAdd : (a, b, c) => f32x4.add(c, f32x4.multiply(a, b));
}

/** Moves floats between memory and a register, a whole one or its first lane: a loop's tail runs the same formula as the loop. */
export interface Access {
  readonly floats: number;
  load(address: Code, offset?: number): Code;
  store(address: Code, value: Code, offset?: number): Code;
}

/** Four floats at a time, then one. */
export const ACCESSES: readonly Access[] = [
  { floats: LANES, load: f32x4.load, store: f32x4.store },
  { floats: 1, load: f32x4.loadFirst, store: f32x4.storeFirst },
];

/**
 * Moves an address on.
 *
 * @param local an address
 * @param bytes constant to move on by
 * @returns the code
 */
export function advance(local: Local, bytes: number): Code {
  return local.set(i32.add(local.get, i32.constant(bytes)));
}

/**
 * Counts down.
 *
 * @param local a counter
 * @param amount constant to take off
 * @returns the code
 */
export function lessen(local: Local, amount: number): Code {
  return local.set(i32.subtract(local.get, i32.constant(amount)));
}

/**
 * Compares a counter.
 *
 * @param local a counter
 * @param amount constant
 * @returns 1 where the counter is at least that, as unsigned integers
 */
export function atLeast(local: Local, amount: number): Code {
  return i32.isZero(i32.lessUnsigned(local.get, i32.constant(amount)));
}

/**
 * Makes several of something.
 *
 * @param count how many
 * @param make gives the item of an index
 * @returns the items
 */
export function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

/** A tuple of `N` locals. */
export type Locals<N extends number, T extends Local[] = []> = T["length"] extends N ? T
  : Locals<N, [...T, Local]>;

/**
 * Makes several parameters or locals.
 *
 * @param count how many
 * @param make a parameter or local
 * @returns them, to be taken apart by name
 */
export function locals<N extends number>(count: N, make: () => Local): Locals<N> {
  return times(count, make) as Locals<N>;
}
