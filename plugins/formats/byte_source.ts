import { messageOf, userError } from "../../core/errors.ts";
import { noSuchFile } from "./no_such_file.ts";

/** Bytes that are read in ranges, so that a large file need not be in memory together with the decoded arrays. */
export interface ByteSource {
  /** The file's name, for messages. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /**
   * Reads a range of bytes.
   *
   * @param begin first byte
   * @param end offset after the last byte, at most `size`
   * @returns these bytes; later reads do not change them
   */
  read(begin: number, end: number): Uint8Array;
}

/**
 * Bytes in memory as a source.
 *
 * @param bytes the whole file
 * @param name its name, for messages
 * @returns a source whose reads are views
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bytesSource } from "./byte_source.ts";
 * assertEquals([...bytesSource(new Uint8Array([1, 2, 3]), "memory").read(1, 3)], [2, 3]);
 * ```
 */
export function bytesSource(bytes: Uint8Array, name: string): ByteSource {
  return { name, size: bytes.length, read: (begin, end) => bytes.subarray(begin, end) };
}

/** A file on disk as a source; every read returns a new array. */
export class FileSource implements ByteSource, Disposable {
  private constructor(
    readonly name: string,
    readonly size: number,
    private readonly file: Deno.FsFile,
  ) {}

  /**
   * Opens a file.
   *
   * @param path the file
   * @returns a source to be disposed
   * @throws {Deno.errors.NotFound} where there is no such file
   * @throws {Error} naming the path where it is not a file, or cannot be opened
   */
  static open(path: string): FileSource {
    let file: Deno.FsFile | undefined;
    try {
      file = Deno.openSync(path);
      const { size, isFile } = file.statSync();
      if (!isFile) throw new Error("it is no file");
      return new FileSource(path, size, file);
    } catch (error) {
      file?.close();
      throw error instanceof Deno.errors.NotFound
        ? userError(new Deno.errors.NotFound(`Cannot read ${path}: ${noSuchFile(path)}`))
        : userError(new Error(`Cannot read ${path}: ${messageOf(error)}`, { cause: error }));
    }
  }

  /** Reads a part of the file. */
  read(begin: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - begin);
    this.file.seekSync(begin, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) {
      const count = this.file.readSync(bytes.subarray(done));
      if (count === null) {
        throw userError(
          new Deno.errors.UnexpectedEof(`Cannot read ${this.name}: it shrank while it was read`),
        );
      }
      done += count;
    }
    return bytes;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.file.close();
  }
}
