import { assertEquals } from "@std/assert";
import { areaOf, regionOfRuns } from "../../../plugins/datasets/coco/region.ts";
import { decodeCounts } from "../../../plugins/datasets/coco/rle.ts";
import { parseSegmentation, regionOf } from "../../../plugins/datasets/coco/segmentation.ts";
import { golden } from "./coco_golden.ts";

Deno.test("COCO polygons have pycocotools' pixels, every one", () => {
  assertEquals(golden.polygons.length, 71);
  for (const { note, height, width, segmentation, counts, area } of golden.polygons) {
    const size = { height, width };
    const drawn = regionOf(parseSegmentation(JSON.stringify(segmentation), size), size);
    assertEquals([...drawn], [...regionOfRuns(decodeCounts(counts, height * width))], note);
    assertEquals(areaOf(drawn), area, note);
  }
});

Deno.test("COCO run lengths, compressed or as numbers, are pycocotools'", () => {
  assertEquals(golden.runs.length, 26);
  for (const { height, width, counts, runs } of golden.runs) {
    assertEquals([...decodeCounts(counts, height * width)], runs);
    const size = { height, width };
    const read = (counts: unknown) =>
      regionOf(parseSegmentation(JSON.stringify({ size: [height, width], counts }), size), size);
    assertEquals(read(counts), read(runs));
  }
});
