import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Scores } from "../../../../core/contracts/refinement.ts";
import { isUserError } from "../../../../core/errors.ts";
import { Rng } from "../../../../core/rng.ts";
import { labelMask, type LabelScores } from "../../../../plugins/affinitynet/loss/label_mask.ts";

const CLASSES = [0, 3, 17];

/** Blobs, so that squares mostly agree within themselves but not everywhere. */
function blobs(name: string, height: number, width: number, background: number): Scores {
  const rng = Rng.of(2, name);
  const data = new Float32Array(CLASSES.length * height * width);
  const waves = CLASSES.map(() =>
    [rng.uniform(0.1, 0.4), rng.uniform(0.1, 0.4), rng.uniform(0, 6)] as const
  );
  for (let i = 0; i < height * width; i++) {
    const y = Math.floor(i / width), x = i % width;
    const raw = waves.map(([a, b, c], k) =>
      Math.exp(2 * Math.sin(a * y + b * x + c) + (k === 0 ? background : 0))
    );
    const sum = raw.reduce((total, value) => total + value);
    raw.forEach((value, k) => data[k * height * width + i] = value / sum);
  }
  return { channels: CLASSES.length, height, width, data };
}

/** The authors' way: scores of a crop on a container of zeros, average-pooled, then compared. */
function poolCrop(
  { lowAlpha, highAlpha, classes }: LabelScores,
  [top, left]: readonly [number, number],
  size: number,
): number[] {
  const squares = size / 8;
  const pooled = ({ height, width, data }: Scores, c: number, row: number, column: number) => {
    let sum = 0;
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 8; x++) {
        const v = top + row * 8 + y, u = left + column * 8 + x;
        if (v >= 0 && v < height && u >= 0 && u < width) sum += data[(c * height + v) * width + u]!;
      }
    }
    return sum / 64;
  };
  return Array.from({ length: squares * squares }, (_, i) => {
    const row = Math.floor(i / squares), column = i % squares;
    const [low, high] = [lowAlpha, highAlpha].map((scores) =>
      classes.map((_, c) => pooled(scores, c, row, column))
    );
    if (Math.max(...low!, ...high!) < 1e-5) return 255;
    const best = (of: number[]) => of.indexOf(Math.max(...of));
    if (best(high!) === 0) return 0;
    return best(low!) === 0 ? 255 : classes[best(low!)]!;
  });
}

Deno.test("labelMask() read at the squares' middles is the authors' label of any crop", () => {
  const scores = {
    lowAlpha: blobs("scores", 50, 61, 0.6),
    highAlpha: blobs("scores", 50, 61, -0.6),
    classes: CLASSES,
  };
  const mask = labelMask(scores);
  assertEquals([mask.width, mask.height, mask.channels], [61, 50, 1]);
  const counts = new Map<number, number>();
  for (const [top, left] of [[0, 0], [3, 5], [18, 29], [-4, -2], [30, 41]] as const) {
    const wanted = poolCrop(scores, [top, left], 32);
    wanted.forEach((label, i) => {
      const y = top + 8 * Math.floor(i / 4) + 4, x = left + 8 * (i % 4) + 4;
      // Where the middle is off the image, the crop's container says 255.
      if (y < 0 || y >= 50 || x < 0 || x >= 61) return;
      assertEquals(mask.data[y * 61 + x], label, `square ${i} of the crop at ${top}, ${left}`);
      counts.set(label, (counts.get(label) ?? 0) + 1);
    });
  }
  for (const label of [0, 3, 17, 255]) assert((counts.get(label) ?? 0) > 1, `label ${label}`);
});

Deno.test("labelMask() ignores what has no score, and prefers the first of equal channels", () => {
  const scores = (data: number[]) => ({
    channels: 2,
    height: 1,
    width: 3,
    data: Float32Array.from(data),
  });
  const lowAlpha = scores([0, 0.5, 0.2, 0, 0.5, 0.8]);
  assertEquals([...labelMask({ lowAlpha, highAlpha: lowAlpha, classes: [0, 9] }, 1).data], [
    255,
    0,
    9,
  ]);
});

Deno.test("labelMask() refuses scores that do not fit or are no numbers", () => {
  const good = blobs("scores", 3, 4, 0);
  const refused = (change: Partial<LabelScores>, message: string) => {
    const error = assertThrows(
      () => labelMask({ lowAlpha: good, highAlpha: good, classes: CLASSES, ...change }),
      RangeError,
      message,
    );
    assert(isUserError(error));
  };
  refused(
    { highAlpha: blobs("scores", 4, 3, 0) },
    "high alpha: they are 3x4, those of low alpha 4x3",
  );
  refused({ classes: [0, 3] }, "low alpha: 36 scores of 3 channels for 2 classes of 4x3 pixels");
  refused({ classes: [1, 2, 3] }, "the classes are 1, 2, 3; they must be 0, then 1 to 254");
  refused({ classes: [0, 255, 3] }, "they must be 0, then 1 to 254");
  const data = good.data.with(17, NaN);
  refused({ highAlpha: { ...good, data } }, "high alpha: that of class 3 at x 1, y 1 is NaN");
});
