import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Registry } from "../../../core/registry/registry.ts";
import { multilabelMetric } from "../../../plugins/metrics/multilabel.ts";
import { averagePrecision } from "../../../plugins/metrics/multilabel/average_precision.ts";

const metric = await new Registry([multilabelMetric]).create(
  "metric",
  { use: "multilabel" },
  undefined,
);

function add(score: ReturnType<typeof metric.start>, scores: number[], label: number[]): void {
  score.add({
    name: "img",
    width: 1,
    height: 1,
    scores: Float32Array.from(scores),
    truth: { label: Float32Array.from(label) },
  });
}

Deno.test("averagePrecision equals scikit-learn's on tied scores", () => {
  // sklearn.metrics.average_precision_score([1,0,1,0,1,0], [.9,.9,.5,.5,.5,.1]) = 0.5666…: two groups of ties, taken at once.
  const labels = [true, false, true, false, true, false];
  assertAlmostEquals(
    averagePrecision([0.9, 0.9, 0.5, 0.5, 0.5, 0.1], labels)!,
    1 / 3 * 1 / 2 + 2 / 3 * 3 / 5,
  );
});

Deno.test("averagePrecision does not depend on the order of samples", () => {
  const scores = [0.2, 0.7, 0.7, 0.1, 0.9], labels = [true, false, true, false, true];
  const order = [3, 1, 4, 0, 2];
  assertEquals(
    averagePrecision(order.map((i) => scores[i]!), order.map((i) => labels[i]!)),
    averagePrecision(scores, labels),
  );
});

Deno.test("multilabel averages over the classes that some image has, and names the others", () => {
  const score = metric.start(["cat", "dog", "bus"]);
  add(score, [2, -1, 0], [1, 0, 0]);
  add(score, [1, 3, 0], [0, 1, 0]);
  add(score, [3, 5, 1], [1, 0, 0]);
  const table = score.table();
  assertEquals(table.rows, [
    ["cat", 100, 2],
    ["dog", 50, 1],
    ["bus", "–", 0],
    ["mean", 75, 3],
  ]);
  assertEquals(table.summary, { map: 75 });
  assertEquals(
    table.note,
    "mAP from image-level scores, not interpolated; left out, in no image: bus",
  );
});

Deno.test("multilabel refuses missing and non-finite scores and a split without labels", () => {
  const score = metric.start(["cat", "dog"]);
  assertThrows(() => add(score, [1], [1, 0]), RangeError, "it has 1 image-level scores");
  assertThrows(() => add(score, [1, NaN], [1, 0]), RangeError, "its score for dog is NaN");
  add(score, [1, 1], [0, 0]);
  assertThrows(() => score.table(), RangeError, "none of the 1 images has a label of cat, dog");
});
