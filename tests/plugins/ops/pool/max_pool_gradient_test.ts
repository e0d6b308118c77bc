import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { eachBackend } from "../../../backends.ts";
import { randomArray } from "../random.ts";

/** Gradient of max pooling by its definition: each window's goes to its first maximum. */
function reference(
  x: Float32Array,
  shape: readonly [number, number, number, number],
  dy: Float32Array,
  k: number,
  stride: number,
  pad: number,
) {
  const [n, h, w, c] = shape;
  const oh = Math.floor((h + 2 * pad - k) / stride) + 1;
  const ow = Math.floor((w + 2 * pad - k) / stride) + 1;
  const dx = new Float32Array(x.length);
  for (let b = 0; b < n; b++) {
    for (let oy = 0; oy < oh; oy++) {
      for (let ox = 0; ox < ow; ox++) {
        for (let ch = 0; ch < c; ch++) {
          let best = -1;
          for (let i = 0; i < k; i++) {
            for (let j = 0; j < k; j++) {
              const y = oy * stride + i - pad, z = ox * stride + j - pad;
              if (y < 0 || y >= h || z < 0 || z >= w) continue;
              const at = ((b * h + y) * w + z) * c + ch;
              if (best < 0 || x[at]! > x[best]!) best = at;
            }
          }
          dx[best]! += dy[((b * oh + oy) * ow + ox) * c + ch]!;
        }
      }
    }
  }
  return { dx, size: [oh, ow] as const };
}

const cases = [
  { shape: [2, 7, 9, 3], k: 3, stride: 2, pad: 1 },
  { shape: [1, 8, 6, 5], k: 2, stride: 2, pad: 0 },
  { shape: [2, 5, 5, 21], k: 3, stride: 1, pad: 1 },
  { shape: [1, 6, 7, 3], k: 3, stride: 3, pad: 1 },
] as const;

for (const ties of [false, true]) {
  eachBackend(`the gradient of maxPool is right${ties ? " where elements tie" : ""}`, async () => {
    for (const { shape, k, stride, pad } of cases) {
      const { data } = randomArray(`pool ${shape}`, shape);
      // Whole numbers: sums of them are exact in any order.
      const values = Float32Array.from(data, (v) => ties ? Math.max(Math.round(v * 2), 0) : v);
      const size = [
        Math.floor((shape[1] + 2 * pad - k) / stride) + 1,
        Math.floor((shape[2] + 2 * pad - k) / stride) + 1,
      ] as const;
      const dy = Float32Array.from(
        { length: shape[0] * size[0] * size[1] * shape[3] },
        (_, i) => 1 + i % 7,
      );
      const want = reference(values, shape, dy, k, stride, pad);
      const x = tf.tensor4d(values, [...shape]);
      const dx = tf.grad((x) => tf.maxPool(x as tf.Tensor4D, k, stride, pad))(
        x,
        tf.tensor4d(dy, [shape[0], ...size, shape[3]]),
      );
      assertEquals(await dx.data(), want.dx, `${shape} k ${k} stride ${stride} pad ${pad}`);
    }
  });
}
