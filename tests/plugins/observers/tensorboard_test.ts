import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Registry } from "../../../core/registry/registry.ts";
import { maskedCrc32c } from "../../../plugins/observers/tensorboard/crc32c.ts";
import { encodeEvent, frameRecord } from "../../../plugins/observers/tensorboard/event.ts";
import { tensorboardObserver } from "../../../plugins/observers/tensorboard.ts";
import { decodePng } from "seamstress";
import { inTempFolder } from "../../command.ts";
import { quietBackend } from "../../core/trainer_toy.ts";
import { IMAGES, RATES, runWithTensorBoard } from "./tensorboard_run.ts";

/** Splits a TFRecord file, checking both checksums of every record. */
function records(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(view.getBigUint64(at, true));
    assertEquals(view.getUint32(at + 8, true), maskedCrc32c(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    assertEquals(view.getUint32(at + 12 + length, true), maskedCrc32c(data));
    found.push(data);
    at += 16 + length;
  }
  return found;
}

type Field = readonly [number, number | Uint8Array | DataView];

/** Reads a protocol-buffer message as a list of fields. */
function fields(bytes: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0, shift = 1;
    for (;; shift *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number) => bytes.subarray(at, at += length);
  const view = (part: Uint8Array) => new DataView(part.buffer, part.byteOffset, part.byteLength);
  while (at < bytes.length) {
    const key = varint();
    const wire = key & 7;
    if (wire === 0) found.push([key >> 3, varint()]);
    else if (wire === 2) found.push([key >> 3, take(varint())]);
    else found.push([key >> 3, view(take(wire === 1 ? 8 : 4))]);
  }
  return found;
}

function scalars(record: Uint8Array): { step: number; values: Record<string, number> } {
  const all = new Map(fields(record));
  const values: Record<string, number> = {};
  for (const [, value] of fields(all.get(5) as Uint8Array)) {
    const inner = new Map(fields(value as Uint8Array));
    const tag = new TextDecoder().decode(inner.get(1) as Uint8Array);
    values[tag] = (inner.get(2) as DataView).getFloat32(0, true);
  }
  return { step: all.get(2) as number, values };
}

Deno.test("an event file's first record is byte for byte what TensorFlow writes", () => {
  // tf.summary's own first record, at wall time 0.
  const data = encodeEvent({ wallTime: 0, fileVersion: "brain.Event:2" });
  const text = new TextEncoder().encode("brain.Event:2");
  assertEquals(data, Uint8Array.of(0x09, 0, 0, 0, 0, 0, 0, 0, 0, 0x1a, 13, ...text));
  const [back] = records(frameRecord(data));
  assertEquals(back, data);
});

Deno.test("tensorboard writes losses, rates and scores that read back, one file per invocation", async () => {
  const folder = await Deno.makeTempDir();
  const registry = new Registry([tensorboardObserver]);
  const step = {
    stage: "seam",
    totalSteps: 301,
    epoch: 1,
    losses: { loss: 1.25, er: 0.1 },
    rates: [0.01, 0.1],
    samplesPerSecond: 12,
  };
  const optimizer = { use: "sgd", groups: [{ pretrained: false, lr: 10 }] };
  const recipe = { stages: [{ id: "seam", run: "train", optimizer }] };
  await Deno.writeTextFile(`${folder}/recipe.yaml`, JSON.stringify(recipe));
  const start = { name: "x", folder, backend: "cpu", device: "toy", stages: ["seam"] };
  const table = { title: "", columns: [], rows: [], summary: { miou: 48.8 }, note: "" };
  for (let invocation = 0; invocation < 2; invocation++) {
    const args = { folder, resumed: invocation > 0, backend: quietBackend };
    const observer = await registry.create("observer", { use: "tensorboard", every: 100 }, args);
    await observer.start?.(start);
    for (const at of [299, 300, 301]) await observer.step?.({ ...step, step: at });
    await observer.epoch?.({ stage: "seam", epoch: 1, epochs: 2, losses: { loss: 1.5 } });
    await observer.artifact?.({ stage: "score", kind: "table", path: "", table });
    await observer.end?.({ seconds: 1 });
  }
  const files = [...Deno.readDirSync(`${folder}/tensorboard`)].map(({ name }) => name);
  assertEquals(files.length, 2);
  for (const name of files) {
    assert(name.startsWith("events.out.tfevents."));
    const [version, ...events] = records(await Deno.readFile(`${folder}/tensorboard/${name}`));
    assertEquals(
      new TextDecoder().decode(new Map(fields(version!)).get(3) as Uint8Array),
      "brain.Event:2",
    );
    const read = events.map(scalars);
    assertEquals(read.map(({ step }) => step), [300, 301, 1, 0]);
    assertEquals(Object.keys(read[0]!.values), [
      "seam/losses/loss",
      "seam/losses/er",
      "seam/rates/new",
      "seam/rates/all others",
      "seam/samples_per_second",
    ]);
    assertEquals(read[0]!.values["seam/losses/loss"], 1.25);
    assertAlmostEquals(read[0]!.values["seam/losses/er"]!, 0.1, 1e-7);
    assertAlmostEquals(read[3]!.values["score/scores/miou"]!, 48.8, 1e-5);
  }
  await Deno.remove(folder, { recursive: true });
});

/** Tag, step and picture of an event that holds one. */
function picture(record: Uint8Array) {
  const all = new Map(fields(record));
  const [, value] = fields(all.get(5) as Uint8Array)[0]!;
  const inner = new Map(fields(value as Uint8Array));
  const tag = new TextDecoder().decode(inner.get(1) as Uint8Array);
  const image = new Map(fields((inner.get(4) ?? new Uint8Array()) as Uint8Array));
  return { tag, step: (all.get(2) ?? 0) as number, image };
}

Deno.test("tensorboard shows CAMs of a few images as a training goes on, and those that a stage inferred; rates by group", async () => {
  await inTempFolder(async (folder) => {
    const events = await runWithTensorBoard(folder);
    const [{ name }] = [...Deno.readDirSync(events)] as [Deno.DirEntry];
    const found = records(await Deno.readFile(`${events}/${name}`)).slice(1);
    const images: Record<string, number[]> = {};
    for (
      const { tag, step, image } of found.map(picture).filter(({ tag }) => tag.includes("/cams/"))
    ) {
      (images[tag] ??= []).push(step);
      const { raster } = decodePng(image.get(4) as Uint8Array, tag);
      assertEquals([image.get(2), image.get(1)], [raster.width, raster.height]);
      // Scene, truth and CAM, and behind an inference the mask: 16 pixels each, 4 between them.
      assertEquals([raster.width, raster.height], [tag.startsWith("maps") ? 76 : 56, 16]);
      assert(new Set(raster.data).size > 20, `${tag} is flat`);
    }
    assertEquals(images, IMAGES);
    const numbers = found.filter((record) => !picture(record).tag.includes("/cams/"));
    const tags = new Set(numbers.flatMap((record) => Object.keys(scalars(record).values)));
    assertEquals([...tags].filter((tag) => tag.includes("/rates/")), [...RATES]);
  });
});
