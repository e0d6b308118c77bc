import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { classColours, paintMask } from "../../../plugins/observers/report/pictures.ts";
import {
  addMasks,
  addTrainingCams,
  checkNesting,
  CLASSES_OF_MINI,
  pictures,
  registry,
  SPLIT,
  withReport,
  withRun,
} from "./report_run.ts";

Deno.test("the report's sheet shows image, truth, CAMs and pseudo masks of the data set's pictures", async () => {
  const options = { sheet: { cams: ["seam-cams"], images: 3 } };
  await withReport({ maps: { baseline: 97, seam: 98 } }, options, async (page) => {
    const all = pictures(page);
    assertEquals(all.map(({ alt }) => alt.replace(/ of mini_\d+$/, "")).slice(0, 4), [
      "image",
      "truth",
      "CAM: seam, cam_rv",
      "pseudo mask: seam, cam_rv, alpha 0.3",
    ]);
    assertEquals(all.length, 12);
    const dataset = await registry.create("dataset", { use: "mini" }, { split: SPLIT, base: "/" });
    const { image, mask, label } = await dataset.read(0, { mask: true });
    assertEquals(all[0]!.image.data, image.data);
    // These CAMs are the truth of the labelled classes, so the pseudo mask must be painted as the truth is.
    const labelled = (value: number) => value > 0 && label[value - 1]! > 0;
    mask!.data.forEach((value, i) => {
      if (!labelled(value)) return;
      const at = (raster: { data: ArrayLike<number> }) =>
        [0, 1, 2].map((c) => raster.data[3 * i + c]);
      assertEquals(at(all[1]!.image), at(all[3]!.image));
      const [red, green, blue] = classColours(6)[value - 1]!;
      const [r, g, b] = at(all[1]!.image) as [number, number, number];
      assertEquals(Math.sign(r - g), Math.sign(red - green));
      assertEquals(Math.sign(g - b), Math.sign(green - blue));
    });
  });
});

Deno.test("the report's sheet shows masks of the stages that were scored on the same images", async () => {
  await withRun({ maps: { baseline: 97, seam: 98 } }, async (folder, write) => {
    await addMasks(folder, "walk", SPLIT, 3);
    await addMasks(folder, "elsewhere", "val[20:22]", 0);
    const page = await write({ sheet: { cams: ["seam-cams"], images: 2 } });
    checkNesting(page);
    assertStringIncludes(page, "walk reaches 70.1 % mIoU, 20.8 points above baseline, cam");
    assertStringIncludes(page, "no classifier");
    assertStringIncludes(page, "other images");
    const shown = pictures(page);
    const dataset = await registry.create("dataset", { use: "mini" }, { split: SPLIT, base: "/" });
    assert(!page.includes(`alt="image of ${dataset.name(0)}"`), "walk has no mask of it");
    assert(!page.includes("mask: elsewhere"), "it worked on other images");
    const name = shown[0]!.alt.slice("image of ".length);
    const i = Array.from({ length: dataset.length }, (_, i) => i)
      .find((i) => dataset.name(i) === name)!;
    const { image, mask } = await dataset.read(i, { mask: true });
    const moved = Uint8Array.from(mask!.data, (label) => label === 0 ? 0 : 1 + label % 6);
    assertEquals(
      shown.find(({ alt }) => alt === `mask: walk of ${name}`)!.image,
      paintMask(image, moved, classColours(6)),
    );
  });
});

Deno.test("the report leaves out scores of stages that the run left out: they are of other settings", async () => {
  await withRun({ maps: { baseline: 97, seam: 98 } }, async (folder, write) => {
    await addMasks(folder, "walk", SPLIT, 0);
    const leftOut = ["walk", "walk-score"];
    const page = await write({ sheet: { images: 1 } }, leftOut);
    assert(!page.includes(">70.1<"));
    assert(!page.includes("mask: walk"));
    assertStringIncludes(
      page,
      '<th scope="row">walk-score</th><td>evaluate</td><td>not finished</td>',
    );
  });
});

Deno.test("the report is written without pictures where the data set is gone", async () => {
  const fake = { maps: { baseline: 97, seam: 98 }, dataset: { use: "voc12", root: "/gone" } };
  await withReport(fake, {}, (page) => {
    assertStringIncludes(page, "The pictures could not be made: ");
    assertStringIncludes(page, "60.3");
    assertEquals(pictures(page), []);
  });
});

Deno.test("the report is written without pictures where a stage.json does not say where they are", async () => {
  await withRun({ maps: { baseline: 97, seam: 98 } }, async (folder, write) => {
    const path = `${folder}/stages/seam-cams/stage.json`;
    const { artifact, ...marker } = JSON.parse(await Deno.readTextFile(path));
    const { cams: _, ...info } = artifact.info;
    await Deno.writeTextFile(path, JSON.stringify({ ...marker, artifact: { ...artifact, info } }));
    const page = await write({});
    assertStringIncludes(
      page,
      "The pictures could not be made: Cannot read the cams of stage seam-cams",
    );
    assertStringIncludes(page, "run it again with --from seam-cams");
    assertStringIncludes(page, "60.3");
    assertEquals(pictures(page), []);
  });
});

Deno.test("the report shows a dash for a class that the truth lacks, and a colour for every class", async () => {
  await withReport({ maps: { baseline: 97, seam: 98 } }, { sheet: { images: 1 } }, (page) => {
    assertStringIncludes(
      page,
      '<th scope="row">lime</th><td class="number">–</td><td class="number">–</td>',
    );
    assertStringIncludes(page, "–: not in the truth, counted as 0 in the mean.");
    const legend = [...page.matchAll(/<span class="class">.*?<\/i>([^<]+)/g)].map(([, c]) => c);
    assertEquals(legend, [...CLASSES_OF_MINI]);
  });
});

Deno.test("the report shows CAMs that a training stored while it went on, of the first step and of the newest", async () => {
  await withRun({ maps: { baseline: 97, seam: 98 } }, async (folder, write) => {
    const plain = await write({ sheet: { images: 1 } });
    await addTrainingCams(folder, "baseline");
    const page = await write({ sheet: { images: 1 } });
    checkNesting(page);
    const heading = "CAMs while baseline was trained";
    assertStringIncludes(page, heading);
    assert(!plain.includes(heading) && !page.includes("CAMs while seam was trained"));
    const shown = pictures(page.slice(page.indexOf(heading)));
    const dataset = await registry.create("dataset", { use: "mini" }, { split: SPLIT, base: "/" });
    assertEquals(
      shown.map(({ alt }) => alt),
      [1, 4].flatMap((i) =>
        ["image", "truth", "CAM: cam, step 10", "CAM: cam, step 90"]
          .map((what) => `${what} of ${dataset.name(i)}`)
      ),
    );
    const { mask, label } = await dataset.read(1, { mask: true });
    const [, , first, newest] = shown;
    mask!.data.forEach((value, i) => {
      const of = ({ image }: (typeof shown)[number]) => image.data.slice(3 * i, 3 * i + 3).join();
      assertEquals(of(first!) !== of(newest!), value > 0 && label[value - 1]! > 0, `pixel ${i}`);
    });
    assert(!(await write({ sheet: { images: 0 } })).includes(heading));
    await Deno.writeTextFile(`${folder}/stages/baseline/cams/cams.json`, "{}");
    assertStringIncludes(await write({ sheet: { images: 1 } }), "Cannot read the list of CAMs in");
  });
});
