import { assert, assertEquals } from "@std/assert";
import { f32x4 } from "../../../../../plugins/ops/wasm/instructions.ts";
import { assemble, FunctionBuilder } from "../../../../../plugins/ops/wasm/module.ts";
import { softmax } from "../../../../../plugins/refinement/crf/wasm/softmax.ts";

/** Runs the generated softmax on numbers, a multiple of four. */
function run(numbers: readonly number[]): Float32Array {
  const f = new FunctionBuilder();
  const at = f.parameter("i32");
  const values = Array.from({ length: numbers.length / 4 }, () => f.local("v128"));
  f.body(
    ...values.map((value, i) => value.set(f32x4.load(at.get, 16 * i))),
    softmax(f, values),
    ...values.map((value, i) => f32x4.store(at.get, value.get, 16 * i)),
  );
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = new WebAssembly.Module(assemble({ softmax: f }));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const floats = new Float32Array(memory.buffer, 64, numbers.length);
  floats.set(numbers);
  (exports["softmax"] as (at: number) => void)(64);
  return floats;
}

function exact(numbers: readonly number[]): number[] {
  const given = numbers.map(Math.fround), most = Math.max(...given);
  const powers = given.map((x) => Math.exp(x - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

Deno.test("generated code takes the softmax to float's accuracy, down to the smallest floats", () => {
  for (let start = -86; start < 30; start += 3.7) {
    const numbers = Array.from({ length: 12 }, (_, i) => i === 5 ? 0 : start + i * 0.31);
    const got = run(numbers), wanted = exact(numbers);
    wanted.forEach((value, i) => {
      const error = Math.abs(got[i]! / value - 1);
      assert(error < 1e-6, `${numbers[i]}: ${got[i]} for ${value}, ${error}`);
    });
  }
});

Deno.test("generated code takes the largest from any lane", () => {
  for (let lane = 0; lane < 8; lane++) {
    const numbers = Array.from({ length: 8 }, (_, i) => i === lane ? 200 : -200);
    assertEquals([...run(numbers)], numbers.map((x) => x > 0 ? 1 : 0));
  }
});

Deno.test("lanes of absent labels get exactly nothing", () => {
  assertEquals([...run([-1e30, 3, 3, -1e30])], [0, 0.5, 0.5, 0]);
});
