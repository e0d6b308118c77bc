/** Labels in one vector register. */
export const LANES = 4;
/** Bytes of a number in memory. */
export const FLOAT = 4, INTEGER = 4;
