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

/**
 * Loads and stores between memory and a vector register, all lanes or the first only, so that a loop's tail uses the same formula
 * as the loop.
 */
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
 * Advances an address.
 *
 * @param local an address
 * @param bytes constant to add
 * @returns the code
 */
export function advance(local: Local, bytes: number): Code {
  return local.set(i32.add(local.get, i32.constant(bytes)));
}

/**
 * Decrements a counter.
 *
 * @param local a counter
 * @param amount constant to subtract
 * @returns the code
 */
export function lessen(local: Local, amount: number): Code {
  return local.set(i32.subtract(local.get, i32.constant(amount)));
}

/**
 * Tests whether a counter has at least some value.
 *
 * @param local a counter
 * @param amount constant
 * @returns 1 where the counter is at least that, as unsigned integers
 */
export function atLeast(local: Local, amount: number): Code {
  return i32.isZero(i32.lessUnsigned(local.get, i32.constant(amount)));
}

/**
 * Makes a list of items, one per index.
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
 * @returns them, for destructuring
 */
export function locals<N extends number>(count: N, make: () => Local): Locals<N> {
  return times(count, make) as Locals<N>;
}
