import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { resizeBilinear } from "../../../../plugins/ops/interpolate/resize_bilinear.ts";
import { eachBackend } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { error, type Reference } from "../reference.ts";

type Alignment = "corners" | "half-pixel" | "legacy";

/** Bilinear resize by its definition, pixel by pixel, and its gradient by scattering. */
function reference(x: Reference, dy: Float64Array, size: readonly number[], alignment: Alignment) {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const [oh, ow] = size as [number, number];
  const y = new Float64Array(n * oh * ow * c), dx = new Float64Array(x.data.length);
  const source = (i: number, from: number, to: number) => {
    const at = alignment === "corners"
      ? (to === 1 ? 0 : i * (from - 1) / (to - 1))
      : alignment === "half-pixel"
      ? (i + 0.5) * from / to - 0.5
      : i * from / to;
    const clamped = Math.max(0, Math.min(from - 1, at));
    const low = Math.floor(clamped);
    return { low, high: Math.min(low + 1, from - 1), part: clamped - low };
  };
  for (let b = 0; b < n; b++) {
    for (let i = 0; i < oh; i++) {
      const sy = source(i, h, oh);
      for (let j = 0; j < ow; j++) {
        const sx = source(j, w, ow);
        for (let k = 0; k < c; k++) {
          const out = ((b * oh + i) * ow + j) * c + k;
          for (const [row, fy] of [[sy.low, 1 - sy.part], [sy.high, sy.part]] as const) {
            for (const [column, fx] of [[sx.low, 1 - sx.part], [sx.high, sx.part]] as const) {
              const index = ((b * h + row) * w + column) * c + k;
              y[out]! += fy * fx * x.data[index]!;
              dx[index]! += fy * fx * dy[out]!;
            }
          }
        }
      }
    }
  }
  return { y, dx };
}

type Sizes = readonly [number, number, number, number, number, number];

/** Samples, height, width, channels; height and width of the result. */
const SMALL: readonly Sizes[] = [
  [2, 5, 7, 3, 9, 4],
  [1, 1, 1, 5, 3, 4],
  [1, 1, 6, 3, 4, 4],
  [2, 4, 6, 5, 1, 1],
  [1, 8, 5, 21, 8, 5],
  [2, 3, 3, 1, 13, 3],
  [1, 12, 9, 3, 3, 2],
];

/** Where tfjs's own resize, which computes coordinates in float32, is less exact. */
const LONG: readonly Sizes[] = [
  [1, 97, 4, 21, 13, 4],
  [2, 4, 5, 3, 4, 96],
  [1, 448, 2, 4, 57, 3],
];

type Resize = (x: tf.Tensor4D, size: [number, number], alignment: Alignment) => tf.Tensor4D;

async function compare(
  resize: Resize,
  alignments: readonly Alignment[],
  sizes: readonly Sizes[],
): Promise<void> {
  for (const [n, h, w, c, oh, ow] of sizes) {
    for (const alignment of alignments) {
      const what = `${n}x${h}x${w}x${c} to ${oh}x${ow}, ${alignment}`;
      const x = randomArray(`x ${what}`, [n, h, w, c]);
      const dy = randomArray(`dy ${what}`, [n, oh, ow, c]);
      const want = reference(x, dy.data, [oh, ow], alignment);
      const before = tf.memory().numTensors;
      const tx = tf.tensor4d(Float32Array.from(x.data), [n, h, w, c]);
      const tdy = tf.tensor4d(Float32Array.from(dy.data), [n, oh, ow, c]);
      const y = resize(tx, [oh, ow], alignment);
      const dx = tf.grad((x) => resize(x as tf.Tensor4D, [oh, ow], alignment))(tx, tdy);
      assert(error(await y.data(), want.y) <= 1e-5, `${what}: value`);
      assert(error(await dx.data(), want.dx) <= 1e-5, `${what}: gradient`);
      tf.dispose([tx, tdy, y, dx]);
      assertEquals(tf.memory().numTensors, before, `${what} leaks`);
    }
  }
}

eachBackend("resizeBilinear() and its gradient equal the definition", async () => {
  await compare((x, size, alignment) => resizeBilinear(x, size, alignment === "corners"), [
    "corners",
    "half-pixel",
  ], [...SMALL, ...LONG]);
});

eachBackend("the gradient of tfjs's own resizeBilinear is fixed", async () => {
  await compare(
    (x, size, alignment) =>
      tf.image.resizeBilinear(x, size, alignment === "corners", alignment === "half-pixel"),
    ["corners", "half-pixel", "legacy"],
    SMALL,
  );
});

eachBackend("resizeBilinear() refuses a size without pixels", () => {
  const x = tf.ones([1, 2, 2, 1]) as tf.Tensor4D;
  assertThrows(() => resizeBilinear(x, [0, 3], true), RangeError, "Cannot resize to 0x3");
  assertThrows(() => resizeBilinear(x, [2, 1.5], true), RangeError, "Cannot resize to 2x1.5");
});
