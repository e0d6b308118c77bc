import type { ByteSource } from "./byte_source.ts";

/** Creates the error that names the file and says what is wrong with it. */
export type Broken = (problem: string) => Error;

/** Bytes fetched at once for small reads. */
const WINDOW = 1 << 16;

/**
 * Reads binary fields one after the other, little-endian; never beyond the end.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ByteReader } from "seamstress";
 * import { bytesSource } from "./byte_source.ts";
 * const source = bytesSource(new Uint8Array([1, 0, 0, 0, 65, 10]), "memory");
 * const reader = new ByteReader(source, (problem) => new SyntaxError(problem));
 * assertEquals(reader.u32(), 1);
 * assertEquals([...reader.line(8)], [65]);
 * assertEquals(reader.remaining, 0);
 * ```
 */
export class ByteReader {
  #position: number;
  #start = 0;
  #window: Uint8Array = new Uint8Array();
  #view: DataView = new DataView(new ArrayBuffer());

  /**
   * Reads a part of a source in order.
   *
   * @param source the file
   * @param broken creates the error for a truncated file
   * @param begin first byte
   * @param end offset after the last byte
   */
  constructor(
    readonly source: ByteSource,
    readonly broken: Broken,
    begin = 0,
    readonly end: number = source.size,
  ) {
    this.#position = begin;
  }

  /** Offset of the next byte in the source. */
  get position(): number {
    return this.#position;
  }

  /** Bytes left. */
  get remaining(): number {
    return this.end - this.#position;
  }

  /**
   * Reads an unsigned byte.
   *
   * @returns an unsigned byte
   */
  u8(): number {
    const at = this.#take(1);
    return this.#view.getUint8(at);
  }

  /**
   * Reads an unsigned integer of 16 bits, little-endian.
   *
   * @returns an unsigned 16-bit integer
   */
  u16(): number {
    const at = this.#take(2);
    return this.#view.getUint16(at, true);
  }

  /**
   * Reads an unsigned integer of 32 bits, little-endian.
   *
   * @returns an unsigned 32-bit integer
   */
  u32(): number {
    const at = this.#take(4);
    return this.#view.getUint32(at, true);
  }

  /**
   * Reads a signed integer of 32 bits, little-endian.
   *
   * @returns a signed 32-bit integer
   */
  i32(): number {
    const at = this.#take(4);
    return this.#view.getInt32(at, true);
  }

  /**
   * Reads an unsigned integer of 64 bits, little-endian.
   *
   * @returns an unsigned 64-bit integer; above 2⁵³ rounded, which no size in a file reaches
   */
  u64(): number {
    const at = this.#take(8);
    return Number(this.#view.getBigUint64(at, true));
  }

  /**
   * Reads a float of 64 bits, big-endian, as pickles hold it.
   *
   * @returns a double, big-endian
   */
  f64BigEndian(): number {
    const at = this.#take(8);
    return this.#view.getFloat64(at);
  }

  /**
   * Reads bytes.
   *
   * @param length how many
   * @returns the next bytes; later reads do not change them
   */
  bytes(length: number): Uint8Array {
    if (length > WINDOW && length <= this.remaining) {
      const begin = this.#position;
      this.#position += length;
      return this.source.read(begin, begin + length);
    }
    const at = this.#take(length);
    return this.#window.subarray(at, at + length);
  }

  /**
   * Skips bytes.
   *
   * @param length number of bytes to skip
   */
  skip(length: number): void {
    this.#require(length);
    this.#position += length;
  }

  /**
   * Reads a line.
   *
   * @param longest maximum number of bytes in the line
   * @returns the bytes before the next line feed, which is skipped
   */
  line(longest: number): Uint8Array {
    const begin = this.#position;
    for (let length = 0; length <= longest; length++) {
      if (this.u8() !== 10) continue;
      this.#position = begin;
      const bytes = this.bytes(length);
      this.skip(1);
      return bytes;
    }
    throw this.broken(`the line at byte ${begin} has more than ${longest} bytes`);
  }

  #require(length: number): void {
    if (length <= this.remaining) return;
    throw this.broken(
      `it is cut short: ${length} bytes are due at byte ${this.#position}, it ends at byte ${this.end}`,
    );
  }

  /** Skips the next bytes, and returns their offset in the window. */
  #take(length: number): number {
    this.#require(length);
    const begin = this.#position;
    if (begin < this.#start || begin + length > this.#start + this.#window.length) {
      this.#window = this.source.read(begin, Math.min(this.end, begin + Math.max(WINDOW, length)));
      const { buffer, byteOffset, byteLength } = this.#window;
      this.#view = new DataView(buffer, byteOffset, byteLength);
      this.#start = begin;
    }
    this.#position += length;
    return begin - this.#start;
  }
}
