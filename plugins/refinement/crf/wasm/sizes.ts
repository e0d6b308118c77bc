/** Labels in one vector register. */
export const LANES = 4;
/** Bytes of a number in memory. */
export const FLOAT = 4, INTEGER = 4;

/**
 * Integers that describe a hash table with open addressing and linear probing: address of the slots, each the number of a key or −1;
 * their number less 1, of a power of two; 32 less the power; address of the keys, {@linkcode KEY} bytes each; number of keys.
 */
export const TABLE = ["slots", "mask", "shift", "keys", "size"] as const;
/** Bytes of a key of that table: integers, 0 behind its d coordinates. */
export const KEY = 32;
/** Dimensions that a key has room for, with one more for the lattice. */
export const MOST_DIMENSIONS: number = KEY / INTEGER - 1;
/** Bytes of a point in the scratch memory of the search for simplices: three arrays like a key. */
export const POINT: number = 3 * KEY;
/** Bytes of that memory, for four points. */
export const SCRATCH: number = LANES * POINT;
