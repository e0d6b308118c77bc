import { assertEquals } from "@std/assert";
import { compareResults, judge } from "../../../plugins/observers/report/comparison.ts";
import type { Result } from "../../../plugins/wsss/scores/result.ts";

function result(
  stage: string,
  checkpoint: string,
  output: string,
  summary: Record<string, number>,
): [string, Result] {
  const table = { title: "", columns: [], rows: [], summary, note: "" };
  const about = { stage, from: `${stage}-cams`, checkpoint, output, split: "val", images: 3 };
  return [stage, { table, about: { ...about, maskScale: 1 } }];
}

const results = new Map([
  result("baseline-map", "baseline", "cam", { map: 97 }),
  result("seam-map", "seam", "cam", { map: 98 }),
  result("baseline-score", "baseline", "cam", { miou: 50 }),
  result("er-score", "seam", "cam", { miou: 63 }),
  result("seam-score", "seam", "cam_rv", { miou: 60 }),
]);

Deno.test("every score gets the mAP of its own network", () => {
  const rows = compareResults(results, { minMap: 0.975 });
  assertEquals(
    rows.map(({ label, miou, map, classifier }) => [label, miou, map?.percent, classifier]),
    [
      ["baseline, cam", 50, 97, "failed"],
      ["seam, cam", 63, 98, "works"],
      ["seam, cam_rv", 60, 98, "works"],
    ],
  );
});

Deno.test("the report compares what it is told, in that order, and leaves out what did not finish", () => {
  const compare = ["seam-score", "never-ran", "baseline-score"];
  const rows = compareResults(results, { compare, multilabel: ["seam-map"], minMap: 0.9 });
  assertEquals(rows.map(({ label, classifier }) => [label, classifier]), [
    ["seam, cam_rv", "works"],
    ["baseline, cam", "not measured"],
  ]);
  const verdict = judge(rows, 0.9);
  assertEquals(verdict.tone, "unsure");
  assertEquals(verdict.headline, "Nothing exceeds seam, cam_rv at 60.0 % mIoU");
});

Deno.test("a loss against the baseline is not dressed up", () => {
  const compare = ["seam-score", "baseline-score"];
  const verdict = judge(compareResults(results, { compare, minMap: 0.9 }), 0.9);
  assertEquals(verdict.tone, "even");
  assertEquals(verdict.details, [
    "baseline, cam against seam, cam_rv: −10.0 points of mIoU (−16.7 % relative)",
  ]);
});

Deno.test("masks of later stages have no classifier to doubt, and stand against the CAMs of the same images only", () => {
  const [id, { table, about }] = result("val-score", "retrain", "segmentation", { miou: 90 });
  const pipeline = new Map([
    result("map", "seam", "cam_rv", { map: 98 }),
    result("cam-score", "seam", "cam_rv", { miou: 50 }),
    result("walk-score", "walk", "walk", { miou: 60 }),
    [id, { table, about: { ...about, split: "test", images: 4 } }],
  ]);
  const rows = compareResults(pipeline, { minMap: 0.9 });
  assertEquals(rows.map(({ classifier }) => classifier), ["works", "none", "none"]);
  assertEquals(judge(rows, 0.9), {
    tone: "good",
    headline: "walk reaches 60.0 % mIoU, 10.0 points above seam, cam_rv",
    details: [
      "walk against seam, cam_rv: +10.0 points of mIoU (+20.0 % relative)",
      "retrain, segmentation reaches 90.0 % mIoU on test, 4 images",
    ],
  });
});
