import { crc32 } from "node:zlib";
import { type Broken, ByteReader } from "../byte_reader.ts";
import type { ByteSource } from "../byte_source.ts";

/** Position of an entry in the archive. */
export interface ZipEntry {
  readonly name: string;
  /** Offset of its local header. */
  readonly record: number;
  readonly begin: number;
  readonly end: number;
  readonly crc32: number;
}

/** Signature and minimum length of each kind of record; APPNOTE.TXT 4.3. */
const LOCAL = { signature: 0x04034b50, length: 30 };
const CENTRAL = { signature: 0x02014b50 };
const END = { signature: 0x06054b50, length: 22 };

/** Maximum length of the comment after the end record, in bytes. */
const MAX_COMMENT = 0xffff;

/** Values of 32-bit and 16-bit fields that mean: see the zip64 record. */
const ZIP64 = { size: 0xffffffff, count: 0xffff };

const utf8 = new TextDecoder();

/**
 * Lists a zip archive whose entries are uncompressed, as `torch.save` writes them. Nothing is decompressed, so an archive
 * cannot expand beyond its own size.
 *
 * @param source the archive
 * @param broken creates the error for an archive that is damaged or compressed
 * @returns name → entry
 */
export function listZip(source: ByteSource, broken: Broken): ReadonlyMap<string, ZipEntry> {
  const end = findEnd(source, broken);
  const reader = new ByteReader(source, broken, end - END.length + 10, end);
  const count = reader.u16(), length = reader.u32(), begin = reader.u32();
  if (count === ZIP64.count || length === ZIP64.size || begin === ZIP64.size) {
    throw broken("it has 65535 entries or 4 GiB, and zip64 is not read");
  }
  if (begin + length > end - END.length) {
    throw broken(`its directory claims bytes ${begin} to ${begin + length}, beyond its place`);
  }
  const directory = new ByteReader(source, broken, begin, begin + length);
  const entries = Array.from({ length: count }, () => readEntry(directory, source, begin, broken));
  refuseOverlap(entries, broken);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  if (byName.size !== count) throw broken("two of its entries have the same name");
  return byName;
}

/**
 * Reads an entry and checks it.
 *
 * @param source the archive
 * @param entry of {@linkcode listZip}
 * @param broken creates the error for damaged bytes
 * @returns the entry's bytes
 */
export function readZipEntry(source: ByteSource, entry: ZipEntry, broken: Broken): Uint8Array {
  const bytes = source.read(entry.begin, entry.end);
  if (crc32(bytes) !== entry.crc32) {
    throw broken(
      `the bytes of ${entry.name} do not have the checksum that it gives: it is damaged`,
    );
  }
  return bytes;
}

/** @returns the offset after the end record's fixed part */
function findEnd(source: ByteSource, broken: Broken): number {
  const from = Math.max(0, source.size - END.length - MAX_COMMENT);
  const tail = source.read(from, source.size);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  for (let at = tail.length - END.length; at >= 0; at--) {
    const comment = tail.length - END.length - at;
    if (view.getUint32(at, true) === END.signature && view.getUint16(at + 20, true) === comment) {
      return from + at + END.length;
    }
  }
  throw broken("it begins as a zip archive but has no directory: it is cut short or damaged");
}

function readEntry(
  directory: ByteReader,
  source: ByteSource,
  dataEnd: number,
  broken: Broken,
): ZipEntry {
  if (directory.u32() !== CENTRAL.signature) throw broken("its directory is damaged");
  directory.skip(4);
  const flags = directory.u16(), method = directory.u16();
  directory.skip(4);
  const crc = directory.u32(), packed = directory.u32(), size = directory.u32();
  const nameLength = directory.u16(), extra = directory.u16(), comment = directory.u16();
  directory.skip(8);
  const header = directory.u32();
  const nameBytes = directory.bytes(nameLength);
  const name = utf8.decode(nameBytes);
  directory.skip(extra + comment);
  if (flags & 1) throw broken(`entry ${name} is encrypted`);
  if (method !== 0 || packed !== size) {
    throw broken(`entry ${name} is compressed, which torch.save never does; save it anew with it`);
  }
  const local = new ByteReader(source, broken, header, dataEnd);
  if (local.u32() !== LOCAL.signature) throw broken(`entry ${name} does not lie where it should`);
  local.skip(LOCAL.length - 8);
  const localName = local.u16(), localExtra = local.u16();
  if (utf8.decode(local.bytes(localName)) !== name) {
    throw broken(`entry ${name} has another name where it lies`);
  }
  local.skip(localExtra);
  const begin = local.position;
  if (begin + size > dataEnd) throw broken(`entry ${name} reaches beyond the archive's data`);
  return { name, record: header, begin, end: begin + size, crc32: crc };
}

function refuseOverlap(entries: readonly ZipEntry[], broken: Broken): void {
  const inOrder = entries.toSorted((a, b) => a.record - b.record);
  for (let i = 1; i < inOrder.length; i++) {
    const before = inOrder[i - 1]!, after = inOrder[i]!;
    if (after.record < before.end) {
      throw broken(`entries ${before.name} and ${after.name} overlap`);
    }
  }
}
