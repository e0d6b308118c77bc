import { maskedCrc32c } from "./crc32c.ts";

/** One TensorBoard event: a file's first one gives the format's version, the others scalars or images. */
export interface TensorBoardEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step?: number;
  readonly fileVersion?: string;
  readonly scalars?: Readonly<Record<string, number>>;
  /** By tag. */
  readonly images?: Readonly<Record<string, EncodedImage>>;
}

/** An RGB image of an event. */
export interface EncodedImage {
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

// Wire types of protocol buffers.
const VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5;

const key = (field: number, wire: number) => varint((field << 3) | wire);

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push(rest % 128 | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

function float64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return bytes;
}

function float32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...varint(bytes.length), ...bytes];
}

function message(bytes: Iterable<number> & { readonly length: number }): number[] {
  return [...varint(bytes.length), ...bytes];
}

/** `Summary.Value { tag = 1; simple_value = 2 }`, within `Summary { value = 1 }`. */
function summaryValue(tag: string, value: number): number[] {
  const content = [...key(1, BYTES), ...text(tag), ...key(2, FIXED32), ...float32(value)];
  return [...key(1, BYTES), ...message(content)];
}

/** Colorspace of an image: RGB. */
const RGB = 3;

/** `Summary.Value { tag = 1; image = 4 }`, `Image { height = 1; width = 2; colorspace = 3; encoded_image_string = 4 }`. */
function imageValue(tag: string, { width, height, png }: EncodedImage): number[] {
  const image = [
    ...[...key(1, VARINT), ...varint(height)],
    ...[...key(2, VARINT), ...varint(width)],
    ...[...key(3, VARINT), ...varint(RGB)],
    ...[...key(4, BYTES), ...message(png)],
  ];
  const content = [...key(1, BYTES), ...text(tag), ...key(4, BYTES), ...message(image)];
  return [...key(1, BYTES), ...message(content)];
}

/**
 * Encodes an event as TensorFlow's `Event` message (`tensorflow/core/util/event.proto`): wall_time 1, step 2, file_version 3,
 * summary 5.
 *
 * @param event what happened
 * @returns the message's bytes
 */
export function encodeEvent(
  { wallTime, step, fileVersion, scalars, images }: TensorBoardEvent,
): Uint8Array {
  const values = [
    ...Object.entries(scalars ?? {}).map(([tag, value]) => summaryValue(tag, value)),
    ...Object.entries(images ?? {}).map(([tag, image]) => imageValue(tag, image)),
  ].flat();
  return Uint8Array.from([
    ...[...key(1, FIXED64), ...float64(wallTime)],
    ...step === undefined ? [] : [...key(2, VARINT), ...varint(step)],
    ...fileVersion === undefined ? [] : [...key(3, BYTES), ...text(fileVersion)],
    ...values.length === 0 ? [] : [...key(5, BYTES), ...message(values)],
  ]);
}

/**
 * Frames bytes as a TFRecord: length, its checksum, bytes, their checksum; little-endian.
 *
 * @param data the record
 * @returns the framed record
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeEvent, frameRecord } from "./event.ts";
 * const data = encodeEvent({ wallTime: 0, fileVersion: "brain.Event:2" });
 * assertEquals(frameRecord(data).length, 8 + 4 + data.length + 4);
 * ```
 */
export function frameRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(12 + data.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return record;
}
