import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { ClassMap, VOC_CLASSES } from "../../../plugins/datasets/voc/classes.ts";
import { readCsvLabels } from "../../../plugins/datasets/voc/csv_labels.ts";
import {
  formatLabels,
  type LabelTableOptions,
  makeLabels,
} from "../../../plugins/datasets/voc/label_table.ts";
import { voc12 } from "../../../plugins/datasets/voc12.ts";
import { inFolder, writeDevkit, writeSplit } from "./voc12_devkit.ts";

const CAT = 8, DOG = 12, PERSON = 15;
const IMAGES = [
  { name: "2007_b", classes: [0, PERSON, CAT] },
  { name: "2007_a", classes: [0, DOG] },
  { name: "2007_c", classes: [0] },
];

const make = (root: string, from: string, more: Partial<LabelTableOptions> = {}) =>
  makeLabels({
    root,
    from,
    classes: new ClassMap(VOC_CLASSES, VOC_CLASSES, "background"),
    splits: [],
    difficult: true,
    ...more,
  });

const FROM_MASKS: readonly [string, readonly string[]][] = [["2007_a", ["dog"]], ["2007_b", [
  "cat",
  "person",
]], ["2007_c", []]];

Deno.test("labels made from masks are those that voc12 takes from masks itself", async () => {
  await inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    const { labels, leftOut } = await make(folder, "masks");
    assertEquals([[...labels], leftOut], [FROM_MASKS, []]);
    await Deno.writeTextFile(`${folder}/made.json`, formatLabels(labels));
    const open = (labels: string) =>
      new Registry([voc12]).create(
        "dataset",
        { use: "voc12", root: devkit, labels },
        { split: "train", base: "/" },
      );
    const made = await open(`${folder}/made.json`), direct = await open("masks");
    for (let i = 0; i < made.length; i++) assertEquals(made.label(i), direct.label(i));
  });
});

Deno.test("labels made from annotations leave out what has none, unless its list was named", async () => {
  await inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    await writeSplit(devkit, "val", ["2007_c"]);
    await writeSplit(devkit, "train", ["2007_a", "2007_b"]);
    await Deno.mkdir(`${devkit}/Annotations`);
    const object = (name: string, difficult: number) =>
      `<object><name>${name}</name><difficult>${difficult}</difficult></object>`;
    for (const name of ["2007_a", "2007_b"]) {
      const xml = `<annotation>${object("person", 0)}${object("cat", 1)}</annotation>`;
      await Deno.writeTextFile(`${devkit}/Annotations/${name}.xml`, xml);
    }
    const { labels, leftOut } = await make(folder, "xml");
    assertEquals([...labels.values()], [["cat", "person"], ["cat", "person"]]);
    assertEquals(leftOut, ["2007_c"]);
    const easy = await make(folder, "xml", { difficult: false, splits: ["train"] });
    assertEquals([...easy.labels.values()], [["person"], ["person"]]);
    const named = await assertRejects(
      () => make(folder, "xml", { splits: ["val"] }),
      Deno.errors.NotFound,
      "Annotations/2007_c.xml",
    );
    assert(isUserError(named));
    await assertRejects(
      () => make(folder, "xml", { splits: ["trian"] }),
      Deno.errors.NotFound,
      'Cannot find list "trian" (did you mean "train"?)',
    );
    await Deno.remove(`${devkit}/SegmentationClassAug`, { recursive: true });
    await assertRejects(() => make(folder, "masks"), Deno.errors.NotFound, "no image of");
  });
});

Deno.test("labels made from CSV are checked against the images that there are", async () => {
  await inFolder(async (folder) => {
    await writeDevkit(folder, IMAGES);
    const path = `${folder}/labels.csv`;
    const write = (text: string) => Deno.writeTextFile(path, text);
    await write("image,classes\n2007_a.jpg,dog\nJPEGImages/2007_b.jpg,person;cat\n2007_c,\n");
    assertEquals([...(await make(folder, path)).labels], FROM_MASKS);
    await write("image,cat,dog,person\n2007_b,1,0,1\n2007_a,0,1,0\n2007_c,0,0,0\n");
    assertEquals([...(await make(folder, path)).labels], FROM_MASKS);
    await write("image,classes\n2007_aa,dog\n");
    const typo = await assertRejects(
      () => make(folder, path),
      RangeError,
      'JPEGImages has no image "2007_aa" (did you mean "2007_a"?)',
    );
    assert(isUserError(typo));
    await write("image,classes\n2007_a,dog\n");
    await assertRejects(
      () => make(folder, path, { splits: ["train"] }),
      RangeError,
      "2 images of train are not in it, such as 2007_b",
    );
    const gone = await assertRejects(() => make(folder, `${folder}/no.csv`), Deno.errors.NotFound);
    assert(isUserError(gone));
  });
});

Deno.test("readCsvLabels() reads quotes, several lines per image, and line ends of any kind", () => {
  const read = (
    text: string,
    classes = ["cat", "dining table"],
  ) => [...readCsvLabels(text, "l.csv", classes)];
  assertEquals(read('\ufeffimage,classes\r\n"a, b.png","dining table|cat"\r\n\r\n'), [
    ["a, b", ["dining table", "cat"]],
  ]);
  assertEquals(read('image,classes\n"say ""hi""",cat\na,cat\na,dining table'), [
    ['say "hi"', ["cat"]],
    ["a", ["cat", "dining table"]],
  ]);
  assertEquals(read("image,cat\na,1\nb,0\n"), [["a", ["cat"]], ["b", []]]);
  assertEquals(read("image,classes\na,cat dog\n", ["cat", "dog"]), [["a", ["cat", "dog"]]]);
});

Deno.test("readCsvLabels() reads what spreadsheets and pandas write: other separators, True and False", () => {
  const wanted = { a: ["dog"], b: ["cat", "dog"], c: [] };
  const tables = [
    "image;cat;dog\na.JPG;0;1\nb.Png;1;1\nc.jpeg;0;0\n",
    "sep=;\r\nimage;cat;dog\r\na;0;1\r\nb;1;1\r\nc;0;0\r\n",
    "image\tcat\tdog\na\t0\t1\nb\t1\t1\nc\t0\t0",
    "image,cat,dog\ra,0,1\rb,1,1\rc,0,0\r",
    "image,cat,dog\na,False,True\nb,True,True\nc,False,False\n",
    "image,cat,dog\na,FALSE,TRUE\nb,true,true\nc,false,false\n",
    "image,cat,dog\na,0.0,1.0\nb,1.0,1.0\nc,0.0,0.0\n",
    '"image", "cat", "dog"\n"a", "0", "1"\n"b", "1", "1"\n"c", "0", "0"\n',
    "image;classes\na;dog\nb;cat,dog\nc;\n",
    "image\tclasses\na\tdog\nb\tcat;dog\nc\t\n",
    '\ufeffimage,classes\na,dog\nb,"cat, dog"\nc,""\n',
  ];
  for (const text of tables) {
    assertEquals(Object.fromEntries(readCsvLabels(text, "l.csv", ["cat", "dog"])), wanted, text);
  }
});

Deno.test("readCsvLabels() names file and line of what it cannot read", () => {
  const cases: [string, new () => Error, string][] = [
    ["", SyntaxError, "l.csv:1: expected a header such as image,classes"],
    ["image\na\n", SyntaxError, "l.csv:1: expected a header"],
    ["image,classes\n", SyntaxError, "l.csv:1: no image follows the header"],
    ["image,cat,dgo\na,1,0\n", RangeError, 'l.csv:1: unknown class "dgo" (did you mean "dog"?)'],
    ["image,classes\na,cat\nb,cta\n", RangeError, 'l.csv:3: unknown class "cta"'],
    ["image,cat,dog\na,1\n", SyntaxError, "l.csv:2: found 2 cells, the header has 3"],
    [
      "image,cat,dog\na,1,yes\n",
      SyntaxError,
      'l.csv:2: found "yes", expected 0 or 1, False or True, below',
    ],
    ["a,cat\nb,dog\n", SyntaxError, 'l.csv:2: found "dog", expected 0 or 1'],
    ["image,cat,dog\na,1,0\na,0,1\n", SyntaxError, 'l.csv:3: "a" is there twice'],
    ["image,classes\n,cat\n", SyntaxError, "l.csv:2: it names no image"],
    ['image,classes\na,"cat\n', SyntaxError, "l.csv:2: a quote is never closed"],
    ['image,classes\na,c"at"\n', SyntaxError, "l.csv:2: a quote stands within a cell"],
    ['image,classes\na,c"at\nb,dog\n', SyntaxError, "l.csv:2: a quote stands within a cell"],
    ['image,classes\n"a\nb",cat\n\nc,d"g"\n', SyntaxError, "l.csv:5: a quote stands"],
    ["image,cat,cat\na,1,0\n", SyntaxError, 'l.csv:1: column "cat" is there twice'],
    ["image;cat;dog\na;1,0\n", SyntaxError, "l.csv:2: found 2 cells, the header has 3"],
    ["image,cat,dog\na,-1,1\n", SyntaxError, 'l.csv:2: found "-1"'],
  ];
  for (const [text, type, message] of cases) {
    const read = () => readCsvLabels(text, "l.csv", ["cat", "dog"]);
    assert(isUserError(assertThrows(read, type, message)), text);
  }
});
