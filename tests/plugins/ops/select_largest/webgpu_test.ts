import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { selectLargest } from "../../../../plugins/ops/select_largest/radix_selection.ts";
import type { WebGpu } from "../../../../plugins/ops/webgpu/program.ts";
import { selectLargestInParts } from "../../../../plugins/ops/select_largest/select_largest_parts.wgsl.ts";
import { randomArray } from "../random.ts";
import { readInfo, webgpuTest } from "../webgpu/setup.ts";

webgpuTest(
  "selectLargestInParts() marks the same elements, whatever the parts and ties",
  async () => {
    const cases = [
      { rows: 1, length: 1, parts: 1 },
      { rows: 2, length: 1021, parts: 3 },
      // More parts than a workgroup has invocations, than elements; a last part that is short.
      { rows: 3, length: 1500, parts: 300 },
      { rows: 2, length: 5, parts: 8 },
      { rows: 5, length: 4096, parts: 4 },
    ];
    for (const { rows, length, parts } of cases) {
      const { data } = randomArray(`parts ${length}`, [rows, length]);
      const special = [NaN, Infinity, -Infinity, -0, 0];
      for (
        const [what, values] of [
          ["random", Float32Array.from(data)],
          ["ReLU", Float32Array.from(data, (value) => Math.max(value, 0))],
          ["few values", Float32Array.from(data, (value) => Math.round(value * 2))],
          ["special", Float32Array.from(data, (value, i) => special[i % 7] ?? value)],
          ["one value", new Float32Array(data.length).fill(-1.5)],
        ] as const
      ) {
        for (
          const count of new Set([1, Math.ceil(length * 0.2), Math.ceil(length * 0.7), length])
        ) {
          const want = new Float32Array(values.length);
          for (let row = 0; row < rows; row++) {
            const own = [row * length, (row + 1) * length] as const;
            selectLargest(values.subarray(...own), count, want.subarray(...own));
          }
          const x = tf.tensor2d(values, [rows, length]);
          const backend = tf.backend() as unknown as WebGpu;
          const found = await readInfo(selectLargestInParts(backend, x, count, parts));
          assertEquals(found, want, `${what}, ${rows}x${length} in ${parts}, ${count}`);
          x.dispose();
        }
      }
    }
  },
);
