import { assertEquals, assertThrows } from "@std/assert";
import { Registry } from "../../../core/registry/registry.ts";
import { confusionMetric } from "../../../plugins/metrics/confusion.ts";

const metric = await new Registry([confusionMetric]).create(
  "metric",
  { use: "confusion" },
  undefined,
);
const image = (name: string, mask: number[], truth: number[]) => ({
  name,
  width: mask.length,
  height: 1,
  mask: Uint8Array.from(mask),
  truth: { label: new Float32Array(3), mask: Uint8Array.from(truth) },
});
const CLASSES = ["cat", "dog", "cow"];
const FIRST = image("a", [0, 1, 1, 1, 2, 0, 1], [0, 0, 0, 1, 1, 1, 255]);
const SECOND = image("b", [2, 2, 1], [2, 0, 2]);

Deno.test("confusion tells precision, recall, and what each class is taken for", () => {
  const score = metric.start(CLASSES);
  for (const prediction of [FIRST, SECOND]) score.add(prediction);
  const { rows, summary } = score.table();
  assertEquals(rows, [
    // Of two pixels predicted as background one is a cat's; of four of the background two are taken for cats.
    ["background", 50, 25, "cat 50.0", "cat 50.0"],
    ["cat", 25, 100 / 3, "background 50.0", "background 33.3"],
    ["dog", 100 / 3, 50, "background 33.3", "cat 50.0"],
    ["cow", "–", "–", "–", "–"],
    ["mean", (50 + 25 + 100 / 3) / 4, (25 + 100 / 3 + 50) / 4, "–", "–"],
  ]);
  assertEquals(summary, {
    precision: (50 + 25 + 100 / 3) / 4,
    recall: (25 + 100 / 3 + 50) / 4,
  });
});

Deno.test("confusion of ranks adds up to that of one", () => {
  const whole = metric.start(CLASSES), [one, two] = [metric.start(CLASSES), metric.start(CLASSES)];
  for (const prediction of [FIRST, SECOND]) whole.add(prediction);
  one.add(FIRST);
  two.add(SECOND);
  one.merge!(JSON.parse(JSON.stringify(two.state!())));
  assertEquals(one.table(), whole.table());
});

Deno.test("confusion refuses a class that the data set does not have, and masks of another size", () => {
  const score = metric.start(CLASSES);
  assertThrows(
    () => score.add(image("c", [4], [0])),
    RangeError,
    "Cannot score c: a pixel of class 0 is predicted as 4, the data set has 0 to 3",
  );
  assertThrows(() => score.add(image("d", [0], [0, 0])), RangeError, "Cannot score d");
});
