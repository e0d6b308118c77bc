import { crc32, deflateSync, inflateSync } from "node:zlib";

interface Chunk {
  readonly name: Uint8Array;
  readonly data: Uint8Array;
}

const SIGNATURE_BYTES = 8;

/** A chunk as it stands in a file, with the checksum that it must have. */
export function pngChunk(name: string | Uint8Array, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length), view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(typeof name === "string" ? new TextEncoder().encode(name) : name, 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** Chunks as far as their lengths fit the file, and what is left behind them. */
function split(png: Uint8Array): { readonly chunks: Chunk[]; readonly rest: Uint8Array } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const chunks: Chunk[] = [];
  let at = SIGNATURE_BYTES;
  while (at + 12 <= png.length && at + 12 + view.getUint32(at) <= png.length) {
    const end = at + 8 + view.getUint32(at);
    chunks.push({ name: png.subarray(at + 4, at + 8), data: png.subarray(at + 8, end) });
    at = end + 4;
  }
  return { chunks, rest: png.subarray(at) };
}

const isData = ({ name }: Chunk) => new TextDecoder().decode(name) === "IDAT";

function joined(png: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array([png.subarray(0, SIGNATURE_BYTES), ...parts].flatMap((part) => [...part]));
}

/** Gives every chunk of a damaged PNG the checksum that it must have, so that what reads the chunk sees the damage. */
export function resealed(png: Uint8Array): Uint8Array {
  const { chunks, rest } = split(png);
  return joined(png, [...chunks.map(({ name, data }) => pngChunk(name, data)), rest]);
}

/** A PNG whose pixels stand in one IDAT chunk, uncompressed: to be damaged, and made a PNG again by {@linkcode deflated}. */
export function inflated(png: Uint8Array): Uint8Array {
  const { chunks } = split(png);
  const first = chunks.findIndex(isData);
  const stream = new Uint8Array(chunks.filter(isData).flatMap(({ data }) => [...data]));
  const others = chunks.filter((chunk) => !isData(chunk));
  const name = new TextEncoder().encode("IDAT");
  const all = others.toSpliced(first, 0, { name, data: new Uint8Array(inflateSync(stream)) });
  return joined(png, all.map((chunk) => pngChunk(chunk.name, chunk.data)));
}

/** Compresses the IDAT chunks of {@linkcode inflated}, which may be damaged by now. */
export function deflated(png: Uint8Array): Uint8Array {
  const { chunks, rest } = split(png);
  const parts = chunks.map((chunk) =>
    pngChunk(chunk.name, isData(chunk) ? new Uint8Array(deflateSync(chunk.data)) : chunk.data)
  );
  return joined(png, [...parts, rest]);
}
