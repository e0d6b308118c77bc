import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { encodeIndexedPng } from "../../../plugins/images/png.ts";
import { vocPalette } from "../../../plugins/images/voc_palette.ts";
import { checkDevkit } from "../../../plugins/datasets/voc/check/devkit.ts";
import { formatCheck } from "../../../plugins/datasets/voc/check/format.ts";
import { ClassMap, VOC_CLASSES } from "../../../plugins/datasets/voc/classes.ts";
import { makeLabels } from "../../../plugins/datasets/voc/label_table.ts";
import { annotationLabels } from "../../../plugins/datasets/voc/labels.ts";
import { truthProblem } from "../../../plugins/datasets/voc/truth.ts";
import { inFolder, type TinyImage, writeDevkit, writeSplit } from "./voc12_devkit.ts";
import { CAT, DOG, open, presentIn, refusal } from "./voc12_open.ts";

const PERSON = 15;

/** What data check, a recipe and data labels say of the same data: the same fault, or none. */
async function verdicts(
  folder: string,
  classes: readonly string[],
  vocabulary?: readonly string[] | "voc",
): Promise<string | undefined> {
  const map = ClassMap.of(classes, vocabulary);
  const { faults } = await checkDevkit({ root: folder, classes: map });
  const options = { labels: "masks", classes, ...vocabulary && { vocabulary } };
  const labelling = { root: folder, from: "masks", classes: map, splits: [], difficult: true };
  if (faults.length === 0) {
    const dataset = await open(folder, options);
    await dataset.check({ mask: true });
    await makeLabels(labelling);
    return undefined;
  }
  assertEquals(faults.length, 1, JSON.stringify(faults));
  const fault = faults[0]!.fault.replace("Cannot use it: ", "");
  assertStringIncludes(await refusal(folder, options), fault);
  assertStringIncludes(await refusal(folder, options, "train", { mask: true }), fault);
  const error = await assertRejects(() => makeLabels(labelling), RangeError);
  assert(isUserError(error));
  assertStringIncludes(error.message, fault);
  return fault;
}

const written = async (images: readonly TinyImage[], test: (folder: string) => Promise<void>) =>
  await inFolder(async (folder) => {
    await writeDevkit(folder, images);
    await test(folder);
  });

Deno.test("own masks numbered 1, 2 of classes with names of VOC are refused until the vocabulary is stated", () =>
  written([{ name: "a", classes: [0, 1] }, { name: "b", classes: [2, 0] }], async (folder) => {
    const classes = ["cat", "dog"];
    const fault = await verdicts(folder, classes);
    assertEquals(
      fault,
      "no pixel of cat, dog: its masks hold 1 (aeroplane), 2 (bicycle), since the classes' names are VOC's and no " +
        "vocabulary is stated; where the masks number the classes in their own order, state vocabulary: [cat, dog] " +
        "(data: --vocabulary cat,dog)",
    );
    assertEquals(await verdicts(folder, classes, classes), undefined);
    const dataset = await open(folder, { labels: "masks", classes, vocabulary: classes });
    assertEquals([presentIn(dataset, 0), presentIn(dataset, 1)], [["cat"], ["dog"]]);
    const { classes: counted } = await checkDevkit({
      root: folder,
      classes: ClassMap.of(classes, classes),
    });
    assertEquals(counted.map(({ name, masks }) => [name, masks]), [["cat", 1], ["dog", 1]]);
    assertStringIncludes((await verdicts(folder, classes, "voc"))!, "place in vocabulary, from 1");
    assertStringIncludes(
      (await verdicts(folder, ["cat"], ["dog", "cow", "cat"]))!,
      "hold 1 (dog), 2 (cow)",
    );
  }));

Deno.test("a selection of VOC's classes is read by VOC's numbers by every command", () =>
  written(
    [{ name: "a", classes: [0, CAT] }, { name: "b", classes: [DOG, PERSON] }],
    async (folder) => {
      const classes = ["dog", "cat"];
      assertEquals(await verdicts(folder, classes), undefined);
      assertEquals(await verdicts(folder, classes, "voc"), undefined);
      const labelled = (sample: string) =>
        sample === "b" ? Float32Array.of(1, 0) : Float32Array.of(0, 1);
      const found = await checkDevkit({
        root: folder,
        classes: ClassMap.of(classes),
        labels: { from: "here", labeller: ({ name }) => labelled(name) },
      });
      assertEquals(found.classes.map(({ name, masks, labels }) => [name, masks, labels]), [
        ["dog", 1, 1],
        ["cat", 1, 1],
      ]);
      assertEquals(found.labels, { from: "here", compared: 2, different: 0 });
      assert(found.pixels.others > 0);
      assert(/^other classes of the data +\d/m.test(formatCheck(found)), formatCheck(found));
    },
  ));

Deno.test("masks that VOC's numbers explain in part, and the classes' own order in whole, are refused", () =>
  written([{ name: "a", classes: [0, 1] }, { name: "b", classes: [2, 0] }], async (folder) => {
    // 1 is aeroplane either way; 2 is bicycle, or dog.
    const fault = await verdicts(folder, ["aeroplane", "dog"]);
    assertStringIncludes(fault!, "its masks hold 1 (aeroplane), 2 (bicycle) and nothing above 2");
    assertStringIncludes(fault!, "state vocabulary: [aeroplane, dog]");
    assertEquals(await verdicts(folder, ["aeroplane", "dog"], "voc"), undefined);
    assertEquals(await verdicts(folder, ["aeroplane", "dog"], ["aeroplane", "dog"]), undefined);
    assertEquals(
      await verdicts(folder, ["aeroplane", "bicycle"]),
      undefined,
      "the same either way",
    );
    assertEquals(await verdicts(folder, ["aeroplane"]), undefined, "2 is no number of its order");
  }));

Deno.test("ground truth that says nothing is refused: 0 and 255, 0 alone, 255 alone", async () => {
  const save = "save the class tumour as 1";
  const cases: [readonly number[], string][] = [
    [[0, 255], `hold only 0 and 255, and 255 is "ignored": no pixel of any class; ${save}`],
    [
      [255],
      `every pixel of its masks is 255, which is "ignored": there is no ground truth; ${save}`,
    ],
  ];
  for (const [values, found] of cases) {
    await written([{ name: "a", classes: values }], async (folder) => {
      assertStringIncludes((await verdicts(folder, ["tumour"]))!, found);
    });
  }
  await written([{ name: "a", classes: [0] }], async (folder) => {
    const data = new Uint8Array(24 * 16);
    const png = encodeIndexedPng({ width: 24, height: 16, channels: 1, data }, vocPalette());
    await Deno.writeFile(`${folder}/VOCdevkit/VOC2012/SegmentationClassAug/a.png`, png);
    assertStringIncludes((await verdicts(folder, ["tumour"]))!, "hold only 0, background");
    assertStringIncludes((await verdicts(folder, ["a", "b"]))!, "save classes by their numbers");
  });
});

Deno.test("a mask of a number that is no class is refused before work, not when it is read", () =>
  written([{ name: "a", classes: [0, 1] }, { name: "b", classes: [3] }], async (folder) => {
    const options = { labels: "masks", classes: ["leaf", "root"] };
    assertStringIncludes(await refusal(folder, options), "b.png: found class 3, expected 0 to 2");
    await Deno.writeTextFile(`${folder}/l.json`, '{"a": ["leaf"], "b": ["leaf"]}');
    const tabled = { ...options, labels: "l.json" };
    assertStringIncludes(await refusal(folder, tabled, "train", { mask: true }), "found class 3");
    await (await open(folder, tabled)).check({ mask: false });
  }));

Deno.test("data check names a list of which no image has a label, and lists that are whole apart", () =>
  written([{ name: "a", classes: [0, CAT] }, { name: "b", classes: [0, DOG] }], async (folder) => {
    const devkit = `${folder}/VOCdevkit/VOC2012`;
    await writeSplit(devkit, "train", ["a"]);
    await writeSplit(devkit, "val", ["b"]);
    await Deno.mkdir(`${devkit}/Annotations`);
    const object = (name: string) => `<object><name>${name}</name></object>`;
    await Deno.writeTextFile(
      `${devkit}/Annotations/a.xml`,
      `<annotation>${object("person")}</annotation>`,
    );
    await Deno.writeTextFile(
      `${devkit}/Annotations/b.xml`,
      `<annotation>${object("dog")}</annotation>`,
    );
    const classes = ClassMap.of(["cat", "dog"]);
    const labeller = annotationLabels(`${devkit}/Annotations`, true, classes);
    const { faults } = await checkDevkit({
      root: folder,
      classes,
      labels: { from: "xml", labeller },
    });
    assertEquals(faults, [{
      file: "train.txt",
      fault: "None of its images has a label of any class: cat, dog",
    }]);
  }));

Deno.test("truthProblem() bounds what it lists", () => {
  const names = Array.from({ length: 200 }, (_, i) => `class-${i}-${"x".repeat(100)}`);
  const held = new Uint8Array(256).fill(1, 1, 100);
  const problem = truthProblem(held, new ClassMap(["z"], [...names, "z"], "background"))!;
  assert(problem.length < 2000, String(problem.length));
  assertStringIncludes(problem, "and 79 more");
  assertEquals(
    truthProblem(new Uint8Array(256), ClassMap.of(VOC_CLASSES)),
    "its masks hold no pixel",
  );
});

Deno.test("masks that both rules explain: data check and a run say which was taken, and stated ones are not unclear", () =>
  inFolder(async (folder) => {
    await writeDevkit(folder, [{ name: "a", classes: [0, 1, 2] }, { name: "b", classes: [0, 2] }]);
    const classes = ["bicycle", "aeroplane"];
    const said =
      "masks hold 1, 2, read by VOC's numbers as aeroplane, bicycle; in the order of classes they would be " +
      "bicycle, aeroplane: state vocabulary: voc or vocabulary: [bicycle, aeroplane]";
    const remarks = async (vocabulary?: readonly string[] | "voc", classes_ = classes) => {
      const stated = vocabulary && { vocabulary };
      const map = ClassMap.of(classes_, vocabulary);
      const text = formatCheck(await checkDevkit({ root: folder, classes: map }));
      const dataset = await open(folder, { labels: "masks", classes: classes_, ...stated });
      return [text.includes("Note: "), ...await dataset.remarks!({ mask: true })];
    };
    const text = formatCheck(await checkDevkit({ root: folder, classes: ClassMap.of(classes) }));
    assertStringIncludes(text, `Note: ${said}\nNo labels`);
    const [noted, remark, ...more] = await remarks();
    assertEquals([noted, more], [true, []]);
    assertStringIncludes(String(remark), said);
    assertEquals(await remarks("voc"), [false]);
    assertEquals(await remarks(classes), [false]);
    assertEquals(await remarks(undefined, ["aeroplane", "bicycle"]), [false]);
  }));
