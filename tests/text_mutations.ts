import * as fc from "fast-check";

/** Changes a text. Positions are fractions of its length, so that they fit any. */
type Edit = (text: string) => string;

const fraction = fc.nat(2 ** 30 - 1).map((n) => n / 2 ** 30);

const at = (text: string, where: number) => Math.floor(where * (text.length + 1));

const anything = fc.array(fc.nat(0x10ffff), { maxLength: 4 })
  .map((codes) => String.fromCodePoint(...codes));

/** Puts a piece in place of what is there; either may be empty. */
const put = (piece: fc.Arbitrary<string>): fc.Arbitrary<Edit> =>
  fc.tuple(piece, fraction, fc.nat(12)).map(([piece, where, removed]) => (text) => {
    const begin = at(text, where);
    return text.slice(0, begin) + piece + text.slice(begin + removed);
  });

/** Repeats a part of the text, up to some thousand times. */
const repeat: fc.Arbitrary<Edit> = fc.tuple(fraction, fc.nat(40), fc.constantFrom(2, 3, 50, 2000))
  .map(([where, length, times]) => (text) => {
    const begin = at(text, where);
    const piece = text.slice(begin, begin + length);
    return text.slice(0, begin) + piece.repeat(times) + text.slice(begin + length);
  });

/**
 * Texts damaged in one place to four: parts left out, repeated, moved, or replaced by what the format gives a meaning.
 *
 * @param texts intact ones
 * @param tokens what means something in them, such as quotes
 * @returns damaged ones
 */
export function textMutations(
  texts: readonly string[],
  tokens: readonly string[],
): fc.Arbitrary<string> {
  const moved = fc.tuple(fc.constantFrom(...texts), fraction, fc.nat(30))
    .map(([donor, where, length]) => donor.slice(at(donor, where), at(donor, where) + length));
  const edit = fc.oneof(
    { weight: 5, arbitrary: put(fc.constantFrom("", ...tokens)) },
    { weight: 2, arbitrary: put(anything) },
    { weight: 2, arbitrary: put(moved) },
    { weight: 1, arbitrary: repeat },
  );
  return fc.tuple(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([text, edits]) => edits.reduce((changed, change) => change(changed), text));
}
