import { assert, assertEquals, assertThrows } from "@std/assert";
import { ByteReader } from "../../../plugins/formats/byte_reader.ts";
import { bytesSource, FileSource } from "../../../plugins/formats/byte_source.ts";
import { isUserError } from "../../../core/errors.ts";
import { inTempFolder } from "../../command.ts";

const broken = (problem: string) => new SyntaxError(problem);

Deno.test("FileSource reads ranges in any order, each into its own array", async () => {
  await inTempFolder(async (folder) => {
    const content = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
    await Deno.writeFile(`${folder}/a`, content);
    using source = FileSource.open(`${folder}/a`);
    assertEquals([source.name, source.size], [`${folder}/a`, 200_000]);
    const end = source.read(199_990, 200_000), all = source.read(0, 200_000);
    assertEquals(end, content.slice(-10));
    assertEquals(all, content);
    assertEquals(source.read(7, 7).length, 0);
    await Deno.truncate(`${folder}/a`, 100);
    const error = assertThrows(() => source.read(0, 200), Deno.errors.UnexpectedEof, `${folder}/a`);
    assert(isUserError(error));
  });
});

Deno.test("FileSource names what it cannot open", async () => {
  await inTempFolder((folder) => {
    const missing = assertThrows(() => FileSource.open(`${folder}/a`), Deno.errors.NotFound, "/a");
    const inner = assertThrows(() => FileSource.open(folder), Error, "no file");
    assert(isUserError(missing) && isUserError(inner));
    return Promise.resolve();
  });
});

Deno.test("ByteReader reads every kind of number, across pieces and up to its own end only", () => {
  const view = new DataView(new ArrayBuffer(70_040));
  view.setUint8(0, 255);
  view.setUint16(1, 65_534, true);
  view.setInt32(65_530, -5, true);
  view.setUint32(65_534, 2 ** 32 - 1, true);
  view.setBigUint64(65_538, 2n ** 53n - 1n, true);
  view.setFloat64(65_546, -0.1);
  const source = bytesSource(new Uint8Array(view.buffer), "memory");
  const reader = new ByteReader(source, broken, 0, 65_555);
  assertEquals([reader.u8(), reader.u16()], [255, 65_534]);
  reader.skip(65_527);
  assertEquals([reader.i32(), reader.u32(), reader.u64()], [-5, 2 ** 32 - 1, 2 ** 53 - 1]);
  assertEquals([reader.f64BigEndian(), reader.position, reader.remaining], [-0.1, 65_554, 1]);
  for (
    const read of [
      () => reader.u16(),
      () => reader.bytes(2),
      () => reader.skip(2),
      () => reader.line(9),
    ]
  ) {
    assertThrows(read, SyntaxError, "cut short");
  }
});

Deno.test("ByteReader gives bytes that later reads leave alone", () => {
  const reader = new ByteReader(bytesSource(new Uint8Array(200_000).fill(1), "memory"), broken);
  const small = reader.bytes(10), large = reader.bytes(100_000);
  reader.bytes(60_000);
  assertEquals([small.length, large.length, reader.remaining], [10, 100_000, 39_990]);
  assert(small.every((byte) => byte === 1) && large.every((byte) => byte === 1));
});

Deno.test("ByteReader's line() ends at a line feed and has a bound", () => {
  const reader = new ByteReader(
    bytesSource(new TextEncoder().encode("ab\n\nabcdef\n"), "x"),
    broken,
  );
  const text = () => new TextDecoder().decode(reader.line(5));
  assertEquals([text(), text()], ["ab", ""]);
  assertThrows(text, SyntaxError, "more than 5 bytes");
});
