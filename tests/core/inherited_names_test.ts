import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { userError } from "../../core/errors.ts";
import { packError, unpackError } from "../../plugins/formats/packed_error.ts";
import { decodeSafetensors, encodeSafetensors } from "../../plugins/formats/safetensors.ts";
import { addLosses, means } from "../../core/trainer/means.ts";
import { Registry } from "../../core/registry/registry.ts";
import type { Plugin } from "../../core/registry/plugin.ts";
import { parseXml } from "../../plugins/datasets/voc/xml.ts";
import { callSeamstress } from "../call.ts";
import { inTempFolder } from "../command.ts";

const NAMES = ["constructor", "toString", "__proto__", "hasOwnProperty"];

Deno.test("stages may have names that every object inherits, in a run, a dry run and on resume", async () => {
  await inTempFolder(async (folder) => {
    const stages = ["constructor", "toString", "hasOwnProperty"].map((id) =>
      `  - { id: ${id}, run: export, splits: { ${id}: "train[0:1]" } }\n`
    );
    const yaml = `name: hurt\ndataset: mini\nobservers: [console, jsonl, report]\nstages:\n`;
    await Deno.writeTextFile(`${folder}/r.yaml`, yaml + stages.join(""));
    const out = `${folder}/out`;
    const args = ["run", `${folder}/r.yaml`, "--out", out, "--backend", "cpu"];
    for (const more of [["--dry-run"], [], ["--resume"], ["--resume", "--dry-run"]]) {
      const { code, err } = await callSeamstress([...args, ...more]);
      assertEquals(code, 0, err);
    }
    for (const id of ["constructor", "toString", "hasOwnProperty"]) {
      const lists = `${out}/stages/${id}/data/VOCdevkit/VOC2012/ImageSets/Segmentation`;
      assert((await Deno.readTextFile(`${lists}/${id}.txt`)).length > 0);
    }
  });
});

Deno.test("tensors and metadata may have names that every object inherits, and come back", () => {
  const array = { shape: [1], data: new Float32Array([3]), dtype: "F32" as const };
  const metadata = Object.fromEntries(NAMES.map((name) => [name, `of ${name}`]));
  const bytes = encodeSafetensors(new Map(NAMES.map((name) => [name, array])), metadata);
  const read = decodeSafetensors(bytes, "these bytes");
  assertEquals([...read.tensors.keys()].toSorted(), NAMES.toSorted());
  assertEquals(Object.entries(read.metadata), Object.entries(metadata));
});

Deno.test("a loss of such a name is averaged like any other", () => {
  const sums = [1, 3].reduce((sums, value) => addLosses(sums, { constructor: value } as never), {});
  assertEquals(Object.entries(means(sums)), [["constructor", 2]]);
});

Deno.test("an error of a Worker that names itself so stays an error", () => {
  const error = userError(new Error("broken"));
  error.name = "constructor";
  assertEquals(unpackError(packError(error)).message, "broken");
});

Deno.test("a plugin of such a kind is refused", () => {
  for (const kind of NAMES) {
    const plugin = { kind, name: "a", options: {}, create: () => {} } as unknown as Plugin;
    assertThrows(() => new Registry([plugin]), RangeError, "unknown kind");
  }
});

Deno.test("an entity of such a name, or of any length, is refused in a short message", async () => {
  for (const name of [...NAMES, "x".repeat(100_000)]) {
    const error = await assertRejects(
      () => Promise.resolve().then(() => parseXml(`<a>&${name};</a>`)),
      SyntaxError,
      "entity",
    );
    assert(error.message.length < 300);
  }
});
