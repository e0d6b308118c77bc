import { assert } from "@std/assert";
import * as fc from "fast-check";
import { isUserError } from "../../core/errors.ts";
import { decodeText } from "../../plugins/formats/text.ts";
import { annotatedClasses } from "../../plugins/datasets/voc/annotation.ts";
import { readCsvLabels } from "../../plugins/datasets/voc/csv_labels.ts";
import { readJsonLabels } from "../../plugins/datasets/voc/json_labels.ts";
import { parseSplit } from "../../plugins/datasets/voc/split.ts";
import { decodeXml } from "../../plugins/datasets/voc/xml_encoding.ts";
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

/** Every damaged file must be read, or give a user error that names it, soon and in few words; both must happen. */
function survives(
  texts: readonly string[],
  tokens: readonly string[],
  read: (bytes: Uint8Array) => void,
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
  assert(passed > RUNS / 20 && refused > RUNS / 20, `${passed} read, ${refused} refused`);
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
