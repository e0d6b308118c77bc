import { joinBytes } from "../../formats/join_bytes.ts";

/** Writes the wire format of protocol buffers: fields by number, as far as ONNX needs it. */
export class ProtoWriter {
  readonly #parts: Uint8Array[] = [];

  /** The message. */
  bytes(): Uint8Array<ArrayBuffer> {
    return joinBytes(this.#parts);
  }

  /** An integer; negative ones as 64-bit two's complement. */
  integer(field: number, value: number): this {
    this.#varint(BigInt(field << 3));
    this.#varint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  /** A 32-bit float. */
  float(field: number, value: number): this {
    this.#varint(BigInt(field << 3 | 5));
    this.#parts.push(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  /** A text, bytes, or a message within this one. */
  block(field: number, value: string | Uint8Array | ProtoWriter): this {
    // A message's parts as they are: weights, three messages deep, are copied once, at the end.
    const parts = typeof value === "string"
      ? [new TextEncoder().encode(value)]
      : value instanceof ProtoWriter
      ? value.#parts
      : [value];
    this.#varint(BigInt(field << 3 | 2));
    this.#varint(BigInt(parts.reduce((length, part) => length + part.length, 0)));
    for (const part of parts) this.#parts.push(part);
    return this;
  }

  #varint(value: bigint): void {
    const bytes: number[] = [];
    do {
      const more = value > 127n;
      bytes.push(Number(value & 127n) | (more ? 128 : 0));
      value >>= 7n;
    } while (value > 0n);
    this.#parts.push(Uint8Array.from(bytes));
  }
}
