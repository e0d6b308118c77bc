import { assert } from "@std/assert";
import * as fc from "fast-check";
import { isUserError } from "../../core/errors.ts";
import { decodeText } from "../../plugins/formats/text.ts";
import { annotatedClasses } from "../../plugins/datasets/voc/annotation.ts";
import { readCsvLabels } from "../../plugins/datasets/voc/csv_labels.ts";
import { readJsonLabels } from "../../plugins/datasets/voc/json_labels.ts";
import { parseSplit } from "../../plugins/datasets/voc/split.ts";
import { decodeXml } from "../../plugins/datasets/voc/xml_encoding.ts";
import { scanAnnotations } from "../../plugins/datasets/coco/annotation_file.ts";
import { checkSize, makeMask } from "../../plugins/datasets/coco/masks.ts";
import { parseSegmentation, regionOf } from "../../plugins/datasets/coco/segmentation.ts";
import { INSTANCES } from "../plugins/datasets/coco_files.ts";
import { golden } from "../plugins/datasets/coco_golden.ts";
import { mutations } from "../mutations.ts";
import { textMutations } from "../text_mutations.ts";

/** Damaged files of each kind: so many with bytes changed, and so many with text changed. */
const RUNS = 2500;
const SEED = 20_200_614;
const NAME = "broken.file";

/** Longest that one file of some kilobytes may take, in milliseconds; nothing but a hang comes near. */
const SLOWEST = 5000;

/** Longest message: a name in it is cut, whatever the file holds. */
const LONGEST = 1000;

/** What the process may grow by. */
const GROWTH = 200 * 2 ** 20;

/**
 * Every damaged file must be read, or give a user error that names it, soon and in few words; both must happen.
 *
 * @param least how many must be read and refused, which depends on how much a format forgives
 */
function survives(
  texts: readonly string[],
  tokens: readonly string[],
  read: (bytes: Uint8Array) => void,
  least = RUNS / 20,
): void {
  const encoder = new TextEncoder();
  const files = texts.map((text) => encoder.encode(text));
  for (const file of files) read(file);
  const before = Deno.memoryUsage().rss;
  let passed = 0, refused = 0;
  const attempt = (bytes: Uint8Array) => {
    const start = performance.now();
    try {
      read(bytes);
      passed++;
    } catch (error) {
      if (!isUserError(error) || !error.message.includes(NAME)) throw error;
      assert(error.message.length < LONGEST, `${error.message.length} letters`);
      refused++;
    }
    assert(performance.now() - start < SLOWEST, `${bytes.length} bytes took too long`);
  };
  const options = { numRuns: RUNS, seed: SEED };
  fc.assert(fc.property(mutations(files), attempt), options);
  const changed = textMutations(texts, tokens).map((text) => encoder.encode(text));
  fc.assert(fc.property(changed, attempt), options);
  assert(passed > least && refused > least, `${passed} read, ${refused} refused`);
  const grown = Deno.memoryUsage().rss - before;
  assert(grown < GROWTH, `the process grew by ${grown} bytes`);
}

const CLASSES = ["cat", "dog", "dining table"];

Deno.test("a damaged CSV file of labels is read or refused", () => {
  const texts = [
    "image,cat,dog\na.jpg,1,0\nb.png,True,False\n",
    '\ufeffsep=;\r\nimage;classes\r\n"x ""y"".jpg";"cat;dining table"\r\n\r\nz;dog\r\n',
    "image\tcat\tdog\na\t0.0\t1.0\n",
    'image,classes\n"two\nlines",cat|dog\nb,\n',
  ];
  const tokens = ['"', '""', ",", ";", "\t", "|", "\n", "\r\n", "\r", "sep=", "0", "True", " "];
  survives(texts, tokens, (bytes) => {
    readCsvLabels(decodeText(bytes, `labels ${NAME}`), NAME, CLASSES);
  });
});

Deno.test("a damaged annotation is read or refused", () => {
  const texts = [
    "<annotation><object><name>cat</name><difficult>0</difficult></object></annotation>",
    `<?xml version="1.0" encoding="UTF-8"?><!-- x --><annotation verified="yes" a='">'>
      <object><name>caf&#233; &amp; t&#xE9;</name><part><name>head</name></part></object>
      <object><name><![CDATA[<dog>]]></name><truncated/></object></annotation>`,
    `<!DOCTYPE annotation [<!ENTITY e "[cat]>"><!-- ] --><!ELEMENT annotation ANY>]>
      <annotation><object><name>dog</name></object></annotation>`,
    `<?xml version='1.0' encoding='windows-1252'?><annotation/>`,
  ];
  const tokens = [
    ...["<", ">", "</", "/>", "&", ";", "&#", "&#x", "&amp;", "&e;", "<!--", "-->", "<![CDATA["],
    ...["]]>", "<!DOCTYPE", "[", "]", "<?", "?>", '"', "'", "=", "encoding='x'", "<a>", "</a>"],
  ];
  survives(texts, tokens, (bytes) => void annotatedClasses(decodeXml(bytes, NAME), NAME, true));
});

Deno.test("a damaged list of images is read or refused", () => {
  const texts = [
    "2007_000032\n2007_000039\n\n2007_000063\n",
    "\ufeff/JPEGImages/a.jpg /SegmentationClassAug/a.png\r\n/JPEGImages/b.jpg\r\n",
  ];
  survives(texts, [" ", "\n", "\r\n", "\t", "/", "..", ".jpg", "a", "\u00a0"], (bytes) => {
    parseSplit(decodeText(bytes, `split ${NAME}`), NAME, "/devkit");
  });
});

Deno.test("a damaged JSON file of labels is read or refused", () => {
  const texts = ['{"a": ["cat", "dog"], "b": []}\n', '{\n  "__proto__": ["caf\\u00e9"],\n"c":[]}'];
  const tokens = ['"', "{", "}", "[", "]", ",", ":", "\\", "\\u", "null", "1e999", "-", " "];
  survives(texts, tokens, (bytes) => {
    readJsonLabels(decodeText(bytes, `labels ${NAME}`), NAME);
  });
});

/** Reads an annotation file from memory and makes every mask. */
function makeMasks(bytes: Uint8Array): void {
  let at = 0;
  const file = scanAnnotations((into) => {
    const piece = bytes.subarray(at, at + into.length);
    into.set(piece);
    at += piece.length;
    return piece.length;
  }, NAME);
  const { length } = file.categories;
  const options = {
    values: Array.from({ length }, (_, i) => i + 1),
    crowds: Array(length).fill(true),
    overlaps: "smaller",
    limit: 2 ** 20,
  } as const;
  for (let image = 0; image < file.images.length; image++) {
    checkSize(file, image, options.limit);
    const texts = file.objectsOf(image).map(({ start, length }) =>
      start < 0 ? undefined : new TextDecoder().decode(bytes.subarray(start, start + length))
    );
    const { height, width } = file.images[image]!;
    assert(makeMask(file, image, texts, options).length === height * width);
  }
}

const NUMBERS = ["0", "-1", "1e9", "1e300", "9007199254740993", "0.5", "null", "true", "[]", "{}"];

Deno.test("a damaged file of COCO annotations is read or refused", () => {
  const texts = [JSON.stringify(INSTANCES), JSON.stringify(INSTANCES, null, 1)];
  const tokens = [...'{}[],:"\\', ...NUMBERS, '"counts"', '"segmentation":', '"id":', '"84<"'];
  survives(texts, tokens, makeMasks);
});

Deno.test("damaged polygons and run lengths of COCO are read or refused", () => {
  const height = 10, width = 12;
  const objects = golden.polygons.filter((each) => each.height === height && each.width === width);
  const runs = objects.map(({ counts }) => ({ size: [height, width], counts }));
  const texts = [...objects.map(({ segmentation }) => segmentation), ...runs.slice(0, 4)]
    .map((value) => JSON.stringify(value));
  const before = new TextEncoder().encode(
    `{"images":[{"id":1,"file_name":"a.jpg","height":${height},"width":${width}}],` +
      '"categories":[{"id":1,"name":"cat"}],"annotations":[{"image_id":1,"category_id":1,"segmentation":',
  );
  const after = new TextEncoder().encode("}]}");
  survives(texts, [...'[],".', ...NUMBERS, ..."0123456789?@OPQno"], (bytes) => {
    const file = new Uint8Array(before.length + bytes.length + after.length);
    file.set(before);
    file.set(bytes, before.length);
    file.set(after, before.length + bytes.length);
    makeMasks(file);
  }, RUNS / 50);
});

Deno.test("any numbers as a polygon and any text as run lengths of COCO are pixels of the image, or refused", () => {
  const size = { height: 10, width: 12 };
  const number = fc.oneof(
    { weight: 6, arbitrary: fc.double({ min: -20, max: 30, noNaN: true }) },
    { weight: 3, arbitrary: fc.integer({ min: -3, max: 15 }) },
    { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  );
  const polygon = fc.array(number, { minLength: 5, maxLength: 40 });
  const letters = fc.array(fc.integer({ min: 47, max: 112 }), { maxLength: 30 })
    .map((codes) => String.fromCharCode(...codes));
  const counts = fc.oneof(letters, fc.array(fc.integer({ min: -1, max: 120 }), { maxLength: 6 }));
  const runs = counts.map((counts) => ({ size: [size.height, size.width], counts }));
  let passed = 0, refused = 0;
  const attempt = (value: unknown) => {
    const start = performance.now();
    try {
      const region = regionOf(parseSegmentation(JSON.stringify(value), size), size);
      for (let i = 0; i < region.length; i++) assert(region[i]! > (region[i - 1] ?? -1));
      assert((region.at(-1) ?? 0) <= size.height * size.width);
      passed++;
    } catch (error) {
      if (!isUserError(error)) throw error;
      refused++;
    }
    assert(performance.now() - start < SLOWEST);
  };
  const polygons = fc.array(polygon, { maxLength: 3 });
  fc.assert(fc.property(polygons, attempt), { numRuns: RUNS, seed: SEED });
  fc.assert(fc.property(runs, attempt), { numRuns: RUNS, seed: SEED });
  assert(passed > RUNS / 50 && refused > RUNS / 50, `${passed} read, ${refused} refused`);
});
