import { assert, assertEquals } from "@std/assert";
import { error } from "../reference.ts";
import { type Arena, eachProgram } from "./setup.ts";

const LENGTHS = [0, 1, 3, 4, 5, 8, 11, 23];

eachProgram("rows are copied, added, compared and cleared at any length and step", (arena) => {
  const operations = {
    copyRows: (from: number) => from,
    addRows: (from: number, to: number) => from + to,
    maxRows: Math.max,
  };
  for (const [name, operation] of Object.entries(operations)) {
    for (const floats of LENGTHS) {
      const own = arena(), rows = 3, fromStep = floats + 2, toStep = floats + 1;
      const from = own.random("from", rows * fromStep), to = own.random("to", rows * toStep);
      const source = own.floats(from, rows * fromStep), before = own.floats(to, rows * toStep);
      const want = before.slice();
      for (let row = 0; row < rows; row++) {
        for (let i = 0; i < floats; i++) {
          const at = row * toStep + i;
          want[at] = operation(source[row * fromStep + i]!, want[at]!);
        }
      }
      own.program[name as keyof typeof operations](
        from,
        fromStep * 4,
        to,
        toStep * 4,
        floats,
        rows,
      );
      assertEquals(before, want, `${name} of ${floats}`);
      own.check(`${name} of ${floats}`);
    }
  }
  const own = arena(), to = own.random("to", 14), floats = own.floats(to, 14);
  const want = floats.slice().fill(0, 0, 5).fill(0, 7, 12);
  own.program.clearRows(to, 28, 5, 2);
  assertEquals(floats, want);
  own.check("clearRows");
});

eachProgram("a matrix of any size is transposed", (arena) => {
  for (const rows of [0, 1, 3, 4, 9, 16]) {
    for (const columns of [0, 1, 3, 4, 7, 16]) {
      const own = arena(), what = `${rows} x ${columns}`;
      const step = columns + 3, toStep = rows + 2;
      const from = own.random("from", rows * step), to = own.random("to", columns * toStep);
      const values = own.floats(from, rows * step), turned = own.floats(to, columns * toStep);
      const want = turned.slice();
      for (let row = 0; row < rows; row++) {
        for (let c = 0; c < columns; c++) want[c * toStep + row] = values[row * step + c]!;
      }
      own.program.transpose(from, step * 4, rows, columns, to, toStep * 4);
      assertEquals(turned, want, what);
      own.check(what);
    }
  }
});

eachProgram("the greater of two rows is NaN where one is", (arena) => {
  const own = arena();
  const from = own.put([NaN, 1, 2, 3, NaN]), to = own.put([1, NaN, 1, 4, 1]);
  own.program.maxRows(from, 0, to, 0, 5, 1);
  assertEquals([...own.floats(to, 5)], [NaN, NaN, 2, 4, NaN]);
});

/** Values of channels, repeated to whole turns of 16 floats. */
function table(own: Arena, values: readonly number[]): { at: number; period: number } {
  const repeated = Array.from({ length: 16 }, () => values).flat();
  return { at: own.put(repeated), period: repeated.length * 4 };
}

eachProgram("normalisation and its gradient are right for any number of channels", (arena) => {
  for (const channels of [1, 3, 4, 5, 21]) {
    for (const pixels of [1, 2, 7, 17, 39]) {
      const own = arena(), length = channels * pixels, what = `${channels} x ${pixels}`;
      const scales = Array.from({ length: channels }, (_, c) => 1.5 - c / 7);
      const shifts = Array.from({ length: channels }, (_, c) => c / 5 - 0.3);
      const scale = table(own, scales), shift = table(own, shifts);
      const x = own.random("x", length), dy = own.random("dy", length);
      const y = own.random("y", length), dx = own.random("dx", length);
      const inputs = own.floats(x, length), slopes = own.floats(dy, length);
      own.program.normalize(x, scale.at, shift.at, scale.period, 0, 0.5, y, length);
      const want = [...inputs].map((v, i) => {
        const raw = v * scales[i % channels]! + shifts[i % channels]!;
        return Math.min(Math.max(raw, 0), 0.5);
      });
      assert(error(own.floats(y, length), want) <= 1e-6, what);
      own.program.normalizeGradient(dy, y, scale.at, scale.period, 0, 0.5, dx, length);
      const passed = [...own.floats(y, length)].map((v, i) =>
        v > 0 && v < 0.5 ? slopes[i]! * scales[i % channels]! : 0
      );
      assert(error(own.floats(dx, length), passed) <= 1e-6, what);
      own.program.scale(dy, scale.at, scale.period, dx, length);
      const scaled = [...slopes].map((v, i) => v * scales[i % channels]!);
      assert(error(own.floats(dx, length), scaled) <= 1e-6, what);
      own.check(what);
    }
  }
});

eachProgram("normalisation hands NaN on", (arena) => {
  const own = arena();
  const x = own.put([NaN, 1]), one = table(own, [1]), zero = table(own, [0]);
  own.program.normalize(x, one.at, zero.at, one.period, 0, 6, x, 2);
  assertEquals([...own.floats(x, 2)], [NaN, 1]);
});

eachProgram("a sparse matrix times rows is right, rows without entries too", (arena) => {
  for (const floats of [1, 3, 4, 7, 16]) {
    const own = arena(), what = `${floats} floats`;
    const x = own.random("x", 2 * 3 * floats), out = own.random("out", 2 * 3 * floats);
    // Two entries, none, one.
    const integers = new Int32Array([2, 0, 0, 2 * floats * 4, 0, 0, 1, floats * 4, 0]);
    const entries = new Float32Array(integers.buffer);
    entries[2] = 0.25, entries[4] = -2, entries[8] = 3;
    const at = own.put(new Float32Array(9));
    new Int32Array(own.floats(at, 9).buffer, at, 9).set(integers);
    own.program.combineRows(x, 3 * floats * 4, at, 3, out, floats, 2);
    const from = own.floats(x, 2 * 3 * floats);
    const want = Float64Array.from({ length: 2 * 3 * floats }, (_, i) => {
      const o = Math.floor(i / (3 * floats)), row = Math.floor(i / floats) % 3, c = i % floats;
      const value = (j: number) => from[(o * 3 + j) * floats + c]!;
      return [0.25 * value(0) - 2 * value(2), 0, 3 * value(1)][row]!;
    });
    assert(error(own.floats(out, 2 * 3 * floats), want) <= 1e-6, what);
    own.check(what);
  }
});
