import * as fc from "fast-check";

/** Integers that readers of binary files stumble over. */
const EXTREMES = [
  0n,
  1n,
  0xffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** Changes a copy of a file. Positions are fractions of its length, so that they fit any. */
type Edit = (bytes: Uint8Array) => Uint8Array;

// Not fc.double(), most of whose values lie next to 0.
const fraction = fc.nat(2 ** 30 - 1).map((n) => n / 2 ** 30);

function at(bytes: Uint8Array, where: number): number {
  return Math.floor(where * bytes.length);
}

const setByte: fc.Arbitrary<Edit> = fc.tuple(fraction, fc.nat(255)).map(
  ([where, value]) => (bytes) => {
    const out = bytes.slice();
    if (out.length > 0) out[at(out, where)] = value;
    return out;
  },
);

const flipBit: fc.Arbitrary<Edit> = fc.tuple(fraction, fc.nat(7)).map(([where, bit]) => (bytes) => {
  const out = bytes.slice();
  if (out.length > 0) out[at(out, where)]! ^= 1 << bit;
  return out;
});

const setInteger: fc.Arbitrary<Edit> = fc.tuple(
  fraction,
  fc.constantFrom(4, 8),
  fc.constantFrom(...EXTREMES),
)
  .map(([where, width, value]) => (bytes) => {
    const out = bytes.slice();
    const begin = at(out, where);
    for (let i = 0; i < width && begin + i < out.length; i++) {
      out[begin + i] = Number(value >> BigInt(8 * i) & 0xffn);
    }
    return out;
  });

const truncate: fc.Arbitrary<Edit> = fraction.map((where) => (bytes) =>
  bytes.slice(0, at(bytes, where))
);

/** Puts a piece of a file in place of another piece; either may be empty. */
const splice = (donors: readonly Uint8Array[]): fc.Arbitrary<Edit> =>
  fc.tuple(fc.constantFrom(...donors), fraction, fc.nat(64), fraction, fc.nat(64))
    .map(([donor, from, length, to, removed]) => (bytes) => {
      const begin = at(donor, from), end = at(bytes, to);
      const piece = donor.subarray(begin, begin + length);
      const rest = bytes.subarray(Math.min(bytes.length, end + removed));
      return Uint8Array.from([...bytes.subarray(0, end), ...piece, ...rest]);
    });

/**
 * Files damaged in one place to four: bytes set, bits flipped, integers made extreme, ends cut off, pieces of the same files moved.
 *
 * @param files intact ones
 * @returns damaged ones
 */
export function mutations(files: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const edit = fc.oneof(
    { weight: 4, arbitrary: setByte },
    { weight: 3, arbitrary: flipBit },
    { weight: 4, arbitrary: setInteger },
    { weight: 1, arbitrary: truncate },
    { weight: 3, arbitrary: splice(files) },
  );
  return fc.tuple(fc.constantFrom(...files), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([file, edits]) => edits.reduce((bytes, change) => change(bytes), file));
}
