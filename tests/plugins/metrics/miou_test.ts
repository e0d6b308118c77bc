import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import type { Metric } from "../../../core/contracts/metric.ts";
import { isUserError } from "../../../core/errors.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import { readSafetensors } from "../../../plugins/formats/safetensors.ts";
import { miouMetric } from "../../../plugins/metrics/miou.ts";

const NAMES = Array.from({ length: 20 }, (_, c) => `class ${c + 1}`);

function make(options: Record<string, unknown> = {}): Promise<Metric> {
  return new Registry([miouMetric]).create("metric", { use: "miou", ...options }, undefined);
}

interface Image {
  readonly cams: ReadonlyMap<number, Float32Array>;
  readonly mask: Uint8Array;
}

/** Images of few distinct CAM values, so that many pixels tie with a threshold or with another class. */
function images(count: number, pixels: number, classes: number, rng: Rng): Image[] {
  return Array.from({ length: count }, () => {
    const present = [...rng.permutation(classes)].slice(0, rng.integer(4));
    return {
      cams: new Map(present.map((c) => [
        c,
        Float32Array.from({ length: pixels }, () => rng.integer(30) / 20 - 0.25),
      ])),
      mask: Uint8Array.from({ length: pixels }, () => {
        const pick = rng.integer(5);
        return pick === 0 ? 255 : pick === 1 ? 0 : 1 + (present[pick - 2] ?? -1);
      }),
    };
  });
}

/** The authors' evaluation, one threshold at a time: argmax over a float32 [1+C, pixels] array, the first of equals. */
function naiveMiou(all: readonly Image[], classes: number, alpha: number): number {
  const right = new Float64Array(1 + classes), predicted = right.slice(), truth = right.slice();
  for (const { cams, mask } of all) {
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] === 255) continue;
      const scores = new Float32Array(1 + classes);
      for (const [c, cam] of cams) scores[1 + c] = cam[i]!;
      scores[0] = alpha;
      const label = scores.indexOf(scores.reduce((a, b) => Math.max(a, b)));
      predicted[label]! += 1;
      truth[mask[i]!]! += 1;
      if (label === mask[i]) right[label]! += 1;
    }
  }
  const iou = right.map((tp, c) => 100 * (tp / (truth[c]! + predicted[c]! - tp + 1e-10)));
  return iou.reduce((a, b) => a + b) / iou.length;
}

Deno.test("miou of masks equals the SEAM authors' evaluation on the golden file", async () => {
  const path = new URL("../../fixtures/miou.safetensors", import.meta.url).pathname;
  const { tensors } = await readSafetensors(path);
  const score = (await make({ predictions: "masks" })).start(NAMES);
  const predictions = tensors.get("prediction")!, truths = tensors.get("ground_truth")!;
  const [count, height, width] = predictions.shape as [number, number, number];
  const image = (data: unknown, i: number) =>
    (data as Uint8Array).subarray(i * height * width, (i + 1) * height * width);
  for (let i = 0; i < count; i++) {
    score.add({
      name: `${i}`,
      width,
      height,
      mask: image(predictions.data, i),
      truth: { label: new Float32Array(20), mask: image(truths.data, i) },
    });
  }
  const table = score.table();
  const wanted = tensors.get("iou_percent")!.data as Float32Array;
  assertEquals(table.rows.length, 22);
  for (const [c, iou] of wanted.entries()) {
    assertAlmostEquals(table.rows[c]![1] as number, iou, 1e-4);
  }
  const total = (tensors.get("miou_percent")!.data as Float32Array)[0]!;
  assertAlmostEquals(table.summary["miou"]!, total, 1e-4);
});

Deno.test("miou's one-pass sweep equals one argmax a threshold, ties included, to the last bit", async () => {
  const all = images(6, 500, 7, Rng.of(3));
  const score = (await make({ alpha: { sweep: [0, 0.59, 0.01] } })).start(NAMES.slice(0, 7));
  for (const [i, { cams, mask }] of all.entries()) {
    score.add({
      name: `${i}`,
      width: 500,
      height: 1,
      cams,
      truth: { label: new Float32Array(7), mask },
    });
  }
  const table = score.table();
  const curve = table.curves!["mIoU (%) by alpha"]!;
  assertEquals(curve.length, 60);
  for (const [k, [alpha, miou]] of curve.entries()) {
    assertEquals(alpha, k / 100);
    assertEquals(miou, naiveMiou(all, 7, alpha), `at alpha ${alpha}`);
  }
  const best = curve.reduce((a, b) => b[1] > a[1] ? b : a);
  assertEquals([table.summary["alpha"], table.summary["miou"]], [...best]);
  assert(new Set(curve.map(([, miou]) => miou)).size > 5, "the thresholds must matter");
});

Deno.test("miou says whether alpha was fixed or chosen on the scored split", async () => {
  const add = (metric: Metric) => {
    const score = metric.start(["cat", "dog"]);
    score.add({
      name: "a",
      width: 2,
      height: 1,
      cams: new Map([[0, Float32Array.of(0.3, 0.2)]]),
      truth: { label: Float32Array.of(1, 0), mask: Uint8Array.of(1, 0) },
    });
    return score.table();
  };
  const fixed = add(await make());
  assertEquals(
    fixed.note,
    "alpha 0.26, fixed; not in the ground truth, counted as 0 in the mean: dog",
  );
  assertEquals(fixed.rows.map(([name]) => name), ["background", "cat", "dog", "mean"]);
  assertAlmostEquals(fixed.summary["miou"]!, 200 / 3);
  const swept = add(await make({ alpha: { sweep: [0, 0.5, 0.1] } }));
  assert(swept.note.startsWith("alpha 0.2, oracle: best on this split;"), swept.note);
  assertEquals(swept.threshold, { value: 0.2, how: "oracle" });
  const ended = add(await make({ alpha: { sweep: [0, 0.2, 0.1] } }));
  assertStringIncludes(ended.note, "best on this split (at the end of the sweep: a better one may");
});

Deno.test("miou takes a CAM equal to alpha as background and breaks ties to the first class", async () => {
  const score = (await make({ alpha: 0.3 })).start(["cat", "dog"]);
  score.add({
    name: "a",
    width: 3,
    height: 1,
    // The higher class first: the order of the map must not matter.
    cams: new Map([[1, Float32Array.of(0.3, 0.5, 0.6)], [0, Float32Array.of(0.1, 0.5, 0.6)]]),
    truth: { label: Float32Array.of(1, 1), mask: Uint8Array.of(0, 1, 2) },
  });
  const [background, cat, dog] = score.table().rows;
  assertAlmostEquals(background![1] as number, 100, 1e-6);
  assertAlmostEquals(cat![1] as number, 50, 1e-6);
  assertEquals(dog![1], 0);
});

Deno.test("miou counts images without any class as background at every alpha", async () => {
  const score = (await make({ alpha: { sweep: [0, 0.1, 0.1] } })).start(["cat"]);
  const truth = { label: Float32Array.of(0), mask: Uint8Array.of(0, 1, 255) };
  score.add({ name: "a", width: 3, height: 1, cams: new Map(), truth });
  const table = score.table();
  assertAlmostEquals(table.rows[0]![1] as number, 50, 1e-6);
  assertEquals(table.rows[1]![1], 0);
});

Deno.test("miou refuses masks of unknown classes and of another size, and a sweep that runs backwards", async () => {
  const score = (await make()).start(["cat"]);
  const sample = { name: "img7", width: 2, height: 1, cams: new Map() };
  const label = Float32Array.of(1);
  assertThrows(
    () => score.add({ ...sample, truth: { label, mask: Uint8Array.of(0, 2) } }),
    RangeError,
    "Cannot score img7: its mask holds class 2, the data set has 0 to 1 and 255",
  );
  assertThrows(
    () =>
      score.add({
        ...sample,
        cams: new Map([[0, new Float32Array(3)]]),
        truth: { label, mask: Uint8Array.of(0, 1) },
      }),
    RangeError,
    "the CAM of class 0 has 3 pixels, its ground truth has 2",
  );
  await assertRejects(() => make({ alpha: { sweep: [0.5, 0.1, 0.1] } }), TypeError, "alpha");
});

Deno.test("miou refuses ground truth in which no pixel counts, instead of scoring 0", async () => {
  for (const predictions of ["cams", "masks"] as const) {
    const score = (await make(predictions === "masks" ? { predictions } : { alpha: 0.3 })).start([
      "a",
    ]);
    const truth = { label: Float32Array.of(1), mask: Uint8Array.of(255, 255) };
    const cams = new Map([[0, Float32Array.of(1, 1)]]);
    score.add({ name: "x", width: 2, height: 1, cams, mask: Uint8Array.of(1, 1), truth });
    const error = assertThrows(
      () => score.table(),
      RangeError,
      "every pixel of the ground truth is 255",
    );
    assert(isUserError(error));
  }
});
