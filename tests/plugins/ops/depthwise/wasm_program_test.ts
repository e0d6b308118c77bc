import { assert } from "@std/assert";
import { packTaps, unpackTaps } from "../../../../plugins/ops/depthwise/taps_on_heap.ts";
import { error } from "../reference.ts";
import { eachProgram } from "../wasm/setup.ts";

const STEPS = [
  { stride: 1, dilation: 1, spread: 1, rows: [0, 1, 2], taps: [0, 1, 2] },
  { stride: 2, dilation: 1, spread: 1, rows: [1, 2], taps: [0, 1] },
  { stride: 1, dilation: 3, spread: 2, rows: [2], taps: [2, 0] },
  { stride: 1, dilation: 0, spread: 1, rows: [0, 2], taps: [1] },
];

eachProgram("depthwise runs are right for any channels, pixels and taps", (arena) => {
  for (const steps of STEPS) {
    for (const channels of [1, 3, 4, 7, 8, 21]) {
      for (const pixels of [0, 1, 7, 12]) {
        const own = arena(), what = `${JSON.stringify(steps)} ${channels} ${pixels}`;
        const { stride, dilation, spread } = steps, { program } = own;
        const wide = stride * Math.max(pixels - 1, 0) + 2 * dilation + 1;
        const rows = steps.rows.map((i) => own.random(`row ${i}`, wide * channels));
        const [a, b = 0, c = 0] = rows as [number, number?, number?];
        const filter = own.random("filter", 9 * channels), size = spread * pixels * channels;
        const packed = own.random("sums", 9 * channels), out = own.random("out", size);
        const sums = own.random("plain", 9 * channels);
        const images = rows.map((row) => own.floats(row, wide * channels).slice());
        const outputs = own.floats(out, size), slopes = Float64Array.from(outputs);
        const wantSums = Float64Array.from(own.floats(filter, 9 * channels));
        packTaps(program, filter, channels, packed);
        const wanted = Float64Array.from(outputs), weights = own.floats(filter, 9 * channels);
        for (let p = 0; p < pixels; p++) {
          for (let k = 0; k < channels; k++) {
            const to = spread * p * channels + k;
            wanted[to] = 0;
            steps.rows.forEach((i, r) =>
              steps.taps.forEach((j, t) => {
                const x = images[r]![(stride * p + dilation * t) * channels + k]!;
                const tap = (3 * i + j) * channels + k;
                wanted[to]! += x * weights[tap]!;
                wantSums[tap]! += x * slopes[to]!;
              })
            );
          }
        }
        const functions = program.depthwise(steps), pixel = channels * 4;
        functions.correlate(a, b, c, pixel, packed, out, pixels, channels);
        unpackTaps(program, packed, channels, sums);
        assert(error(own.floats(sums, 9 * channels), wantSums) <= 1e-6, `sums: ${what}`);
        packTaps(program, filter, channels, packed);
        functions.convolve(a, b, c, pixel, packed, out, pixels, channels);
        assert(error(outputs, wanted) <= 1e-6, `outputs: ${what}`);
        own.check(what);
      }
    }
  }
});
