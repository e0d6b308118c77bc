import { assert, assertEquals, assertThrows } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { annotatedClasses } from "../../../plugins/datasets/voc/annotation.ts";
import { ClassMap } from "../../../plugins/datasets/voc/classes.ts";
import { readCsvLabels } from "../../../plugins/datasets/voc/csv_labels.ts";
import { readJsonLabels } from "../../../plugins/datasets/voc/json_labels.ts";
import { tableLabels } from "../../../plugins/datasets/voc/labels.ts";
import { parseSplit } from "../../../plugins/datasets/voc/split.ts";
import { readNpyLabels } from "../../../plugins/datasets/voc/npy_labels.ts";
import { decodeXml } from "../../../plugins/datasets/voc/xml_encoding.ts";
import { parseXml } from "../../../plugins/datasets/voc/xml.ts";
import { encodeNpyDict } from "../../../plugins/formats/numpy/npy.ts";
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
  assert(isUserError(error));
});

Deno.test("readNpyLabels() refuses files of other forms, naming what it found", () => {
  const cases = [
    ["plain", "it holds <f4 of shape [3], expected a dict"],
    ["none", "no dict"],
    ["matrix", "shape (2, 2)"],
  ] as const;
  for (const [name, found] of cases) {
    assertThrows(() => readNpyLabels(bytesOf(name), `${name}.npy`), SyntaxError, found);
  }
  const text = new TextEncoder().encode("not an array at all");
  assertThrows(() => readNpyLabels(text, "a.npy"), SyntaxError, "does not begin as a .npy file");
});

Deno.test("a table of labels that changed since it was read is read anew", async () => {
  const path = await Deno.makeTempFile({ suffix: ".npy" });
  const table = (label: number[]) =>
    encodeNpyDict(
      new Map([["a", { type: "f4", shape: [2], data: Float32Array.from(label) } as const]]),
    );
  const read = async () => {
    const label = await tableLabels(path, ClassMap.of(["tumour", "vessel"]));
    return [...label({ name: "a", image: "a.jpg" })];
  };
  for (const label of [[1, 0], [1, 0], [0, 1]]) {
    await Deno.writeFile(path, table(label));
    assertEquals(await read(), label);
  }
  await Deno.remove(path);
});

Deno.test("readNpyLabels() reads IRN's whole numbers as names, and names twice the same as a fault", () => {
  const row = (...data: number[]) =>
    ({ type: "f4", shape: [data.length], data: Float32Array.from(data) }) as const;
  const read = (entries: [string | number, ReturnType<typeof row>][]) =>
    readNpyLabels(encodeNpyDict(new Map(entries)), "irn.npy");
  const irn = read([[2007000032, row(1, 0)], [2012_000001, row(0, 1)], [17, row(1, 1)]]);
  assertEquals(irn.get("2007_000032"), Float32Array.of(1, 0));
  assertEquals(irn.get("2007000032"), Float32Array.of(1, 0));
  assertEquals(irn.get("2012_000001"), Float32Array.of(0, 1));
  assertEquals(irn.get("17"), Float32Array.of(1, 1));
  assertEquals(irn.has("0017"), false);
  assertEquals([...readNpyLabels(bytesOf("key"), "key.npy").keys()], ["7"]);
  const error = assertThrows(
    () => read([["2007_000032", row(1)], [2007000032, row(0)]]),
    SyntaxError,
    "two names stand for image 2007_000032",
  );
  assert(isUserError(error));
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
    assert(isUserError(error));
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
    ["<annotation>a & b</annotation>", 'it has "&", which is no reference'],
    ["<annotation>&amp</annotation>", "which is no reference"],
    ["<annotation>&#0;</annotation>", '"&#0;", which is no character of XML'],
    ["<annotation>&#xD800;</annotation>", "no character of XML"],
    ["<annotation>&#x110000;</annotation>", "no character of XML"],
    ["<annotation>&#xZZ;</annotation>", "an entity which is not read"],
    ["<annotation>&toString;</annotation>", "an entity which is not read"],
    ["<annotation><![CDATA[x</annotation>", "bad markup in line 1"],
    ["<annotation>\n<!DOCTYPE annotation></annotation>", "bad markup in line 2"],
    ["<!DOCTYPE annotation [<annotation/>", "bad markup in line 1"],
    ["<!DOCTYPE a [<!ENTITY cat 'dog'>]><annotation>&cat;</annotation>", '"&cat;", an entity'],
    ["<html></html>", "found <html>, expected <annotation>"],
  ] as const;
  for (const [xml, found] of cases) {
    const error = assertThrows(() => annotatedClasses(xml, "a.xml", true), SyntaxError, found);
    assert(error.message.startsWith("Cannot read annotation a.xml: "), error.message);
    assert(isUserError(error));
  }
});

Deno.test("annotatedClasses() reads characters by number, CDATA and a DOCTYPE, expanding nothing", () => {
  const named = (text: string) => `<annotation><object><name>${text}</name></object></annotation>`;
  const cases = [
    [named("caf&#233; &#xE9;&#x1F408;"), "café é🐈"],
    // Letters made of references are no markup.
    [named("&#38;lt;"), "&lt;"],
    [named("<![CDATA[ R&D <x> ]]>"), "R&D <x>"],
    [named("a<![CDATA[&#65;]]>b"), "a&#65;b"],
    [`<!DOCTYPE annotation SYSTEM "a>b.dtd">${named("cat")}`, "cat"],
    [
      `<?xml version="1.0"?>\n<!DOCTYPE annotation [\n  <!ENTITY a "]>">\n  <!-- ]> ' -->\n` +
      `  <!ENTITY % b SYSTEM 'file:///etc/passwd'>\n  <?pi ]>?>\n]>${named("cat")}`,
      "cat",
    ],
    [named("Käfer<größe a='1'/>"), "Käfer"],
  ] as const;
  for (const [xml, name] of cases) {
    assertEquals(annotatedClasses(xml, "a.xml", true), [name], xml);
  }
});

Deno.test("decodeXml() reads the declared encoding, and names one that it cannot read", () => {
  const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const declare = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?><a>caf\xe9 `;
  for (const encoding of ["ISO-8859-1", "iso-8859-15", "windows-1252", "latin1"]) {
    const text = decodeXml(ascii(declare(encoding)), "a.xml");
    assert(text.endsWith("<a>café "), text);
  }
  const cyrillic = decodeXml(ascii(`<?xml version='1.0' encoding='koi8-r'?><a>\xcb`), "a.xml");
  assert(cyrillic.endsWith("<a>к"));
  const utf8 = new TextEncoder().encode("<a>café");
  assertEquals(decodeXml(utf8, "a.xml"), "<a>café");
  assertEquals(decodeXml(Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8), "a.xml"), "<a>café");
  const wide = Uint8Array.from(
    "\ufeff<a>".split("").flatMap((letter) => {
      const code = letter.charCodeAt(0);
      return [code & 255, code >> 8];
    }),
  );
  const cases: [Uint8Array, string][] = [
    [ascii("<a>caf\xe9"), "line 1 holds bytes of another encoding, expected UTF-8"],
    [ascii(declare("UTF-8")), "line 1 holds bytes of another encoding"],
    [ascii(declare("ebcdic-us")), 'the encoding "ebcdic-us", which is not known'],
    [ascii(declare("UTF-16")), 'the encoding "UTF-16", in which it is not'],
    [ascii(declare("Shift_JIS")), 'the encoding "Shift_JIS", in which it is not'],
    [ascii(declare("x".repeat(100))), 'the encoding "xxx'],
    [wide, "it is UTF-16 text, expected UTF-8"],
  ];
  for (const [bytes, found] of cases) {
    const error = assertThrows(() => decodeXml(bytes, "a.xml"), SyntaxError, found);
    assert(error.message.startsWith("Cannot read annotation a.xml: "), error.message);
    assert(error.message.length < 200, error.message);
    assert(isUserError(error));
  }
});

Deno.test("messages about labels cut names of any length", () => {
  const long = "x".repeat(100_000);
  const classes = new ClassMap(["cat"], ["cat"], "background");
  const reads = [
    () => parseXml(`<annotation>&${long};</annotation>`),
    () => parseXml(`<${long}></a>`),
    () => parseXml(`<${long}>`),
    () => parseXml(`</${long}>`),
    () => annotatedClasses(`<${long}/>`, "a.xml", true),
    () => readCsvLabels(`image,cat\na,${long}\n`, "l.csv", ["cat"]),
    () => readCsvLabels(`image,classes\na,${long}\n`, "l.csv", ["cat"]),
    () => readCsvLabels(`image,cat\n${long},1\n${long},1\n`, "l.csv", ["cat"]),
    () => readJsonLabels(`{"a": "${long}"}`, "l.json"),
    () => readJsonLabels(`{"a": ${long}`, "l.json"),
    () => classes.labelOfNames([long], "l.json"),
    () => parseSplit(`${long} 1`, "l.txt", "/"),
    () => parseSplit(`${long}\n${long}`, "l.txt", "/"),
  ];
  for (const read of reads) {
    const { message } = assertThrows(read, Error);
    assert(message.length < 300, `${message.length}: ${message.slice(0, 100)} of ${read}`);
  }
});

Deno.test("readJsonLabels() takes names that objects have of their own", () => {
  const labels = readJsonLabels(
    '{"__proto__": ["cat"], "constructor": ["dog"], "a": []}',
    "l.json",
  );
  assertEquals([...labels], [["__proto__", ["cat"]], ["constructor", ["dog"]], ["a", []]]);
  assertEquals(readJsonLabels("{}", "l.json").get("toString"), undefined);
});

Deno.test("parseXml() does not backtrack without end", () => {
  const hostile = `<annotation>${"<a ".repeat(20000)}`;
  assertThrows(() => parseXml(hostile), SyntaxError, "bad markup");
  const spaces = `<annotation${" ".repeat(50000)}`;
  assertThrows(() => parseXml(spaces), SyntaxError, "bad markup");
});

Deno.test("readJsonLabels() refuses an image that is there twice, of which JSON keeps the last", () => {
  const twice = '{ "a": ["cat", "x\\"y"], "b{": [], "\\u0061": ["dog"] }';
  const error = assertThrows(() => readJsonLabels(twice, "labels.json"), SyntaxError);
  assertEquals(
    error.message,
    'Cannot read labels from labels.json: "a" is there twice; expected { "image name": ["class", …], … }',
  );
  const once = readJsonLabels('{ "a": ["a", "a"], "b": ["a"], ",": [] }', "labels.json");
  assertEquals([...once.keys()], ["a", "b", ","]);
});
