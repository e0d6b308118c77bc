import { messageOf, userError } from "seamstress";

/** Bytes read at once. */
const CHUNK = 1 << 18;

/** Most bytes of a string or number whose value is wanted. */
const LONGEST = 1 << 16;

/** Most bytes of a text or word that is looked for in one piece. */
const LONGEST_PLAIN = 100;

/** Deepest nesting of values that are passed over. */
const DEEPEST = 1000;

const QUOTE = 0x22, BACKSLASH = 0x5c, COMMA = 0x2c, COLON = 0x3a;
const OPEN = { object: 0x7b, array: 0x5b }, CLOSE = { object: 0x7d, array: 0x5d };

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const WORDS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

const isQuote = (byte: number) => byte === QUOTE;
const isSpace = (byte: number) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const endsWord = (byte: number) =>
  byte < 0 || isSpace(byte) || byte === COMMA || byte === CLOSE.object || byte === CLOSE.array;

/** A value that is neither list nor object; undefined stands for these two. */
export type Scalar = string | number | boolean | null | undefined;

/**
 * Reads JSON from a file piece by piece, so that a file of some hundred megabytes takes no more memory than what is kept of it. Values
 * that are passed over are checked for brackets and strings only.
 */
export class JsonScanner {
  readonly #read: (into: Uint8Array) => number;
  readonly #chunk = new Uint8Array(CHUNK);
  #at = 0;
  #end = 0;
  /** Bytes of the file before the chunk. */
  #before = 0;

  /** @param read fills an array with the file's next bytes; returns how many, 0 at the end */
  constructor(read: (into: Uint8Array) => number) {
    this.#read = read;
  }

  /** Bytes of the file that were read so far. */
  get offset(): number {
    return this.#before + this.#at;
  }

  /** The next byte, which stays; -1 at the end. */
  #peek(): number {
    if (this.#at === this.#end) {
      this.#before += this.#end;
      this.#at = 0;
      this.#end = this.#read(this.#chunk);
      if (this.#end === 0) return -1;
    }
    return this.#chunk[this.#at]!;
  }

  #next(): number {
    const byte = this.#peek();
    if (byte < 0) throw this.#fail("the file ends");
    this.#at++;
    return byte;
  }

  /** The next byte that is no space, which stays; -1 at the end. */
  #ahead(): number {
    let byte = this.#peek();
    while (isSpace(byte)) {
      this.#at++;
      byte = this.#peek();
    }
    return byte;
  }

  #fail(problem: string): Error {
    return userError(new SyntaxError(`at byte ${this.offset}: ${problem}`));
  }

  #expect(byte: number): void {
    const found = this.#ahead();
    if (found !== byte) {
      const what = found < 0
        ? "the file ends"
        : `found ${JSON.stringify(String.fromCharCode(found))}`;
      throw this.#fail(`${what}, expected ${String.fromCharCode(byte)}`);
    }
    this.#at++;
  }

  /** Passes over a byte order mark at the start. */
  skipMark(): void {
    for (const byte of [0xef, 0xbb, 0xbf]) {
      if (this.#peek() !== byte) return;
      this.#at++;
    }
  }

  /** Goes on to the next value. @returns the byte's offset where it begins */
  toValue(): number {
    if (this.#ahead() < 0) throw this.#fail("the file ends, expected a value");
    return this.offset;
  }

  /** Throws where anything follows. */
  finish(): void {
    if (this.#ahead() >= 0) throw this.#fail("something follows the end");
  }

  /** Calls `each` at the start of each item, which it must read. */
  array(each: () => void): void {
    this.#expect(OPEN.array);
    this.#members(CLOSE.array, each);
  }

  /** Calls `each` with each key, at the start of its value, which it must read. A key may be there once. */
  object(each: (key: string) => void): void {
    this.#expect(OPEN.object);
    const keys = new Set<string>();
    this.#members(CLOSE.object, () => {
      this.#expect(QUOTE);
      const key = this.#string();
      if (keys.has(key)) throw this.#fail(`key ${JSON.stringify(key.slice(0, 50))} is there twice`);
      keys.add(key);
      this.#expect(COLON);
      this.toValue();
      each(key);
    });
  }

  #members(close: number, each: () => void): void {
    if (this.#ahead() === close) {
      this.#at++;
      return;
    }
    for (;;) {
      this.toValue();
      each();
      if (this.#ahead() === close) break;
      this.#expect(COMMA);
    }
    this.#at++;
  }

  /** Reads a value; of lists and objects, which are passed over, gives undefined. */
  scalar(): Scalar {
    const byte = this.#ahead();
    if (byte === QUOTE) {
      this.#at++;
      return this.#string();
    }
    if (byte === OPEN.array || byte === OPEN.object) {
      this.skip();
      return undefined;
    }
    return this.#word();
  }

  /** A text or word that lies whole in the chunk, up to a byte at which it ends: nearly all do. */
  #plain(ends: (byte: number) => boolean, escapes: boolean): string | undefined {
    const chunk = this.#chunk;
    const most = Math.min(this.#end, this.#at + LONGEST_PLAIN);
    for (let at = this.#at; at < most; at++) {
      const byte = chunk[at]!;
      if (ends(byte)) {
        const text = String.fromCharCode.apply(null, chunk.subarray(this.#at, at) as never);
        this.#at = at;
        return text;
      }
      if (escapes && (byte === BACKSLASH || byte < 0x20 || byte > 0x7e)) return undefined;
    }
    return undefined;
  }

  #string(): string {
    const plain = this.#plain(isQuote, true);
    if (plain !== undefined) {
      this.#at++;
      return plain;
    }
    const bytes: number[] = [QUOTE];
    for (let escaped = false;;) {
      const byte = this.#next();
      bytes.push(byte);
      if (bytes.length > LONGEST) throw this.#fail(`a text is longer than ${LONGEST} bytes`);
      if (byte === QUOTE && !escaped) break;
      escaped = byte === BACKSLASH && !escaped;
    }
    try {
      return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes)));
    } catch (error) {
      throw this.#fail(`a text is broken: ${messageOf(error).slice(0, 100)}`);
    }
  }

  #word(): number | boolean | null {
    let word = this.#plain(endsWord, false) ?? "";
    for (let byte = this.#peek(); !endsWord(byte); byte = this.#peek()) {
      word += String.fromCharCode(byte);
      this.#at++;
      if (word.length > 100) throw this.#fail("a number is longer than 100 bytes");
    }
    const named = WORDS.get(word);
    if (named !== undefined) return named;
    if (!NUMBER.test(word)) throw this.#fail(`found ${JSON.stringify(word)}, expected a value`);
    return Number(word);
  }

  /** Passes over a value of any kind. */
  skip(): void {
    const open: number[] = [];
    do {
      const byte = this.#ahead();
      if (byte === QUOTE) this.#skipString();
      else if (byte === OPEN.array || byte === OPEN.object) {
        open.push(byte);
        this.#at++;
        if (open.length > DEEPEST) throw this.#fail(`values are nested deeper than ${DEEPEST}`);
      } else if (open.length === 0) this.#word();
      else if (byte === CLOSE.array || byte === CLOSE.object) {
        const isMatch = open.pop() === (byte === CLOSE.array ? OPEN.array : OPEN.object);
        if (!isMatch) throw this.#fail("brackets do not match");
        this.#at++;
      } else {
        this.#next();
        this.#skipPlain();
      }
    } while (open.length > 0);
  }

  /** Passes over digits, commas and the like, which is most of such a file. */
  #skipPlain(): void {
    const chunk = this.#chunk, end = this.#end;
    let at = this.#at;
    while (at < end) {
      const byte = chunk[at]!;
      if (
        byte === QUOTE || byte === OPEN.array || byte === OPEN.object || byte === CLOSE.array ||
        byte === CLOSE.object
      ) break;
      at++;
    }
    this.#at = at;
  }

  #skipString(): void {
    this.#at++;
    for (let escaped = false;;) {
      const byte = this.#next();
      if (byte === QUOTE && !escaped) return;
      escaped = byte === BACKSLASH && !escaped;
    }
  }
}
