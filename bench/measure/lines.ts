/**
 * Splits what a process writes into lines.
 *
 * @param stream of UTF-8
 * @returns its lines without their ends; the last may lack one
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { linesOf } from "./lines.ts";
 * const stream = new Blob(["a\nb"]).stream();
 * assertEquals(await Array.fromAsync(linesOf(stream)), ["a", "b"]);
 * ```
 */
export async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}
