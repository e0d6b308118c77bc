import { assertEquals } from "@std/assert";
import {
  type Axis,
  forwardClasses,
  gradientClasses,
  type OutputClass,
  segmentsOf,
} from "../../../../plugins/ops/depthwise/axis.ts";

/** Which input each output reads with which tap, as text in order. */
function reads(classes: readonly OutputClass[], length: number, outputs: number): string[] {
  const met = new Array<number>(outputs).fill(0), found: string[] = [];
  for (const one of classes) {
    for (const { from, end, readings } of segmentsOf(one, length)) {
      for (let q = from; q < end; q++) {
        const output = one.first + one.step * q;
        met[output]!++;
        for (const { tap, offset } of readings) {
          found.push(`${output} ${tap} ${q * one.stride + offset}`);
        }
      }
    }
  }
  assertEquals(met, new Array(outputs).fill(1));
  return found.sort();
}

Deno.test("every output of an axis reads what the definition says, and its gradient the reverse", () => {
  for (const [stride, dilation] of [[1, 1], [2, 1], [3, 1], [1, 2], [1, 5]] as const) {
    for (const pad of [0, 1, 2, 5]) {
      for (const input of [1, 2, 5, 8, 13]) {
        const output = Math.floor((input + 2 * pad - 2 * dilation - 1) / stride) + 1;
        if (output < 1) continue;
        const axis: Axis = { taps: 3, stride, dilation, pad, input, output };
        const forward: string[] = [], backward: string[] = [];
        for (let q = 0; q < output; q++) {
          for (let tap = 0; tap < 3; tap++) {
            const x = q * stride + tap * dilation - pad;
            if (x < 0 || x >= input) continue;
            forward.push(`${q} ${tap} ${x}`);
            backward.push(`${x} ${tap} ${q}`);
          }
        }
        assertEquals(reads(forwardClasses(axis), input, output), forward.sort());
        assertEquals(reads(gradientClasses(axis), output, input), backward.sort());
      }
    }
  }
});
