import {
  advance,
  type Code,
  f32x4,
  FunctionBuilder,
  i32,
  i32x4,
  lessen,
  type Local,
  locals,
  repeat,
  repeatWhile,
  v128,
  when,
} from "seamstress/ops";
import { INTEGER, KEY, LANES, TABLE } from "./sizes.ts";

/** Bytes of half a key: of a vector register. */
export const HALF: number = KEY / 2;
/** Multiplier of the hash: odd, 2^32 over the golden ratio, so that regular lattice coordinates spread evenly. */
const MULTIPLIER = 0x9e3779b1 | 0;
/** Odd multipliers of a key's integers. */
const FACTORS = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f, 0x165667b1, 0xd3a2646d, 0xfd7046c5]
  .map((factor) => factor | 0);

/** Four integers. */
type Lanes = readonly [number, number, number, number];

/** A key's integers in two halves, as constants of vectors. */
export const halves = (values: readonly number[]): readonly [Lanes, Lanes] =>
  [values.slice(0, LANES), values.slice(LANES)] as unknown as readonly [Lanes, Lanes];

/** A hash table that `TABLE` describes, as a function of a program sees it, and a search in it. */
export class KeySearch {
  /** Address of the keys, and their number. */
  readonly keys: Local;
  readonly size: Local;
  /** The key that is looked for, in two halves. */
  readonly key: readonly [Local, Local];
  /** Address of the slot where the search ended, and what it holds. */
  readonly place: Local;
  readonly number: Local;
  readonly #table: Local;
  readonly #slots: Local;
  readonly #mask: Local;
  readonly #shift: Local;
  readonly #slot: Local;
  readonly #other: Local;
  readonly #differs: Local;
  readonly #hash: Local;

  constructor(f: FunctionBuilder, table: Local) {
    this.#table = table;
    [this.#slots, this.#mask, this.#shift, this.keys, this.size] = locals(5, () => f.local("i32"));
    [this.place, this.number, this.#slot] = locals(3, () => f.local("i32"));
    [this.#other, this.#differs] = locals(2, () => f.local("i32"));
    this.key = locals(2, () => f.local("v128"));
    this.#hash = f.local("v128");
  }

  /** Reads the table's description. */
  begin(): Code {
    return [this.#slots, this.#mask, this.#shift, this.keys, this.size].flatMap((local, i) =>
      local.set(i32.load(this.#table.get, i * INTEGER))
    );
  }

  /** Writes the number of keys. */
  end(): Code {
    return i32.store(this.#table.get, this.size.get, TABLE.indexOf("size") * INTEGER);
  }

  /** Address of a key. */
  keyAt(number: Code): Code {
    return i32.add(this.keys.get, i32.shiftLeft(number, i32.constant(Math.log2(KEY))));
  }

  /** Takes a key from memory. */
  load(address: Code): Code {
    return this.key.flatMap((half, i) => half.set(v128.load(address, i * HALF)));
  }

  /** Goes to the slot of the key, or to the empty one where it belongs: `number` is −1 then. */
  find(): Code {
    const [low, high] = this.key, hash = this.#hash, slot = this.#slot;
    const [first, second] = halves([...FACTORS, 0]);
    const fold = (lanes: Lanes) =>
      hash.set(i32x4.add(hash.get, f32x4.shuffle(hash.get, hash.get, lanes)));
    return [
      ...hash.set(i32x4.add(
        i32x4.multiply(low.get, i32x4.constants(first)),
        i32x4.multiply(high.get, i32x4.constants(second)),
      )),
      ...fold([2, 3, 0, 1]),
      ...fold([1, 0, 3, 2]),
      ...slot.set(
        i32.shiftRightUnsigned(
          i32.multiply(i32x4.first(hash.get), i32.constant(MULTIPLIER)),
          this.#shift.get,
        ),
      ),
      ...repeat([
        this.place.set(i32.add(this.#slots.get, i32.shiftLeft(slot.get, i32.constant(2)))),
        this.number.set(i32.load(this.place.get)),
        this.#differs.set(i32.constant(0)),
        when(i32.atLeastSigned(this.number.get, i32.constant(0)), [
          this.#other.set(this.keyAt(this.number.get)),
          this.#differs.set(v128.any(v128.or(
            v128.xor(v128.load(this.#other.get), low.get),
            v128.xor(v128.load(this.#other.get, HALF), high.get),
          ))),
          slot.set(i32.and(i32.add(slot.get, this.#differs.get), this.#mask.get)),
        ]),
      ], this.#differs.get),
    ];
  }

  /** Finds the key, and adds it where it is unknown: `number` is its number then. */
  insert(): Code {
    return [
      ...this.find(),
      ...when(i32.lessSigned(this.number.get, i32.constant(0)), [
        this.number.set(this.size.get),
        i32.store(this.place.get, this.number.get),
        this.#other.set(this.keyAt(this.number.get)),
        ...this.key.map((half, i) => v128.store(this.#other.get, half.get, i * HALF)),
        advance(this.size, 1),
      ]),
    ];
  }
}

/** Looks up the keys at a distance from all keys. */
export function neighbours(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [table, distance, found] = locals(3, () => f.parameter("i32"));
  const search = new KeySearch(f, table);
  const key = f.local("i32"), left = f.local("i32");
  return f.body(
    search.begin(),
    key.set(search.keys.get),
    left.set(search.size.get),
    repeatWhile(left.get, [
      ...search.key.map((half, i) =>
        half.set(i32x4.add(v128.load(key.get, i * HALF), v128.load(distance.get, i * HALF)))
      ),
      search.find(),
      when(i32.lessSigned(search.number.get, i32.constant(0)), [
        search.number.set(search.size.get),
      ]),
      i32.store(found.get, search.number.get),
      advance(key, KEY),
      advance(found, 2 * INTEGER),
      lessen(left, 1),
    ]),
  );
}

/** Fills empty slots anew. */
export function rehash(): FunctionBuilder {
  const f = new FunctionBuilder(), table = f.parameter("i32");
  const search = new KeySearch(f, table), next = f.local("i32");
  return f.body(
    search.begin(),
    repeatWhile(i32.lessSigned(next.get, search.size.get), [
      search.load(search.keyAt(next.get)),
      search.find(),
      i32.store(search.place.get, next.get),
      advance(next, 1),
    ]),
  );
}
