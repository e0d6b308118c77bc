import { assert, assertEquals, assertThrows } from "@std/assert";
import { isMistake } from "../../../core/errors.ts";
import { annotatedClasses } from "../../../plugins/datasets/voc/annotation.ts";
import { readJsonLabels } from "../../../plugins/datasets/voc/json_labels.ts";
import { readNpyLabels } from "../../../plugins/datasets/voc/npy_labels.ts";
import { parseXml } from "../../../plugins/datasets/voc/xml.ts";
import { NPY } from "./voc12_npy.ts";

const bytesOf = (name: keyof typeof NPY) => Uint8Array.fromBase64(NPY[name]);

for (const name of ["protocol2", "protocol3", "protocol4", "numpy2"] as const) {
  Deno.test(`readNpyLabels() reads a pickled dict: ${name}`, () => {
    const labels = readNpyLabels(bytesOf(name), "labels.npy");
    assertEquals(
      [...labels],
      [["a", new Float32Array([1, 0, 1])], ["b", new Float32Array([0, 1, 0])]],
    );
  });
}

Deno.test("readNpyLabels() reads other element types and byte orders", () => {
  const labels = readNpyLabels(bytesOf("mixed"), "labels.npy");
  assertEquals([...labels.values()].map((row) => [...row]), [[1, 0], [1, 0], [0, 1]]);
});

Deno.test("readNpyLabels() refuses to follow names that labels do not need", () => {
  const error = assertThrows(
    () => readNpyLabels(bytesOf("evil"), "evil.npy"),
    SyntaxError,
    'Cannot read evil.npy as NumPy data: entry "a" is an object of "posix.system" and no array',
  );
  assert(isMistake(error));
});

Deno.test("readNpyLabels() refuses files of other forms, naming what it found", () => {
  const cases = [
    ["plain", "it holds <f4 of shape [3], expected a dict"],
    ["none", "no dict"],
    ["matrix", "shape (2, 2)"],
    ["key", "name 7"],
  ] as const;
  for (const [name, found] of cases) {
    assertThrows(() => readNpyLabels(bytesOf(name), `${name}.npy`), SyntaxError, found);
  }
  const text = new TextEncoder().encode("not an array at all");
  assertThrows(() => readNpyLabels(text, "a.npy"), SyntaxError, "does not begin as a .npy file");
});

Deno.test("readNpyLabels() refuses a file cut short anywhere", () => {
  const whole = bytesOf("protocol2");
  for (let cut = 0; cut < whole.length; cut++) {
    assertThrows(() => readNpyLabels(whole.subarray(0, cut), "cut.npy"), SyntaxError, "cut.npy");
  }
});

Deno.test("readJsonLabels() refuses what is no table of class names", () => {
  for (const text of ["", "{", "[]", "3", '{"a": "cat"}', '{"a": [1]}']) {
    const error = assertThrows(() => readJsonLabels(text, "labels.json"), SyntaxError);
    assert(isMistake(error));
    assert(error.message.startsWith("Cannot read labels from labels.json"), error.message);
  }
});

Deno.test("annotatedClasses() reads a VOC annotation: objects, not their parts", () => {
  const xml = `<?xml version="1.0"?>
    <!-- made by <hand> --> <annotation verified="a > b">
      <folder>VOC2012</folder><source><name>no object</name></source>
      <object><name>person</name><difficult>0</difficult><part><name>head</name></part></object>
      <object>\r\n<name> cat </name><difficult>1</difficult><empty/></object>
      <object><name>rock &amp; roll</name></object>
    </annotation>\n`;
  assertEquals(annotatedClasses(xml, "a.xml", true), ["person", "cat", "rock & roll"]);
  assertEquals(annotatedClasses(xml, "a.xml", false), ["person", "rock & roll"]);
});

Deno.test("annotatedClasses() names the file and the fault of a broken annotation", () => {
  const cases = [
    ["", "0 root elements"],
    ["<annotation>", "<annotation> is never closed"],
    ["<annotation><object></annotation></object>", "</annotation> closes <object>"],
    ["<annotation></annotation></annotation>", "</annotation> closes nothing"],
    ["<annotation/><annotation/>", "2 root elements"],
    ["<annotation>\n<object name=cat/></annotation>", "bad markup in line 2"],
    ["<annotation><object><name>cat", "<name> is never closed"],
    ["<annotation><object></object></annotation>", "an <object> has no <name>"],
    ["<annotation><object><name>&evil;</name></object></annotation>", "&evil;"],
    ["<html></html>", "found <html>, expected <annotation>"],
  ] as const;
  for (const [xml, found] of cases) {
    const error = assertThrows(() => annotatedClasses(xml, "a.xml", true), SyntaxError, found);
    assert(error.message.startsWith("Cannot read annotation a.xml: "), error.message);
    assert(isMistake(error));
  }
});

Deno.test("parseXml() does not backtrack without end", () => {
  const hostile = `<annotation>${"<a ".repeat(20000)}`;
  assertThrows(() => parseXml(hostile), SyntaxError, "bad markup");
  const spaces = `<annotation${" ".repeat(50000)}`;
  assertThrows(() => parseXml(spaces), SyntaxError, "bad markup");
});
