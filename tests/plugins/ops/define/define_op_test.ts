import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  attributesOf,
  defineOp,
  type Operation,
} from "../../../../plugins/ops/define/define_op.ts";
import { floats, like } from "../../../../plugins/ops/define/shapes.ts";
import { eachBackend } from "../../../backends.ts";

const attributes = attributesOf<{ readonly by: number }>();

Deno.test("defineOp() refuses what does not fit, when it compiles", () => {
  const defined: unknown[] = [
    // @ts-expect-error: no shape
    defineOp({
      name: "A",
      summary: "",
      inputs: { x: "[N]" },
      output: "[N]",
      compose: ({ x }) => x,
    }),
    defineOp({
      name: "B",
      summary: "",
      inputs: { x: "[N]" },
      output: "[N]",
      // @ts-expect-error: no such input
      shape: ({ y }) => like(y),
    }),
    defineOp({
      name: "C",
      summary: "",
      inputs: { x: "[N]" },
      attributes,
      output: "[N]",
      shape: ({ x }) => like(x),
      // @ts-expect-error: no such attribute
      webgpu: ({ x }, { factor }, { backend }) => backend.runWebGPUProgram(factor, [x], "float32"),
    }),
    defineOp({
      name: "D",
      summary: "",
      inputs: { x: "[N]" },
      output: "[N]",
      shape: ({ x }) => like(x),
      // @ts-expect-error: the backend of a wasm kernel has no programs for a GPU
      wasm: ({ x }, _, { backend }) => backend.runWebGPUProgram(undefined, [x], "float32"),
    }),
    defineOp({
      name: "E",
      summary: "",
      inputs: { x: "[M,N]" },
      output: "[N]",
      shape: ({ x }) => floats(x.shape[1]),
      // @ts-expect-error: a matrix, where a vector was promised
      compose: ({ x }) => x,
    }),
    defineOp({
      name: "F",
      summary: "",
      inputs: { x: "[N]" },
      output: "[N]",
      shape: ({ x }) => like(x),
      // @ts-expect-error: no such input
      gradient: { saves: ["y"], towards: (dy) => ({ x: () => dy }) },
    }),
  ];
  assertEquals(defined.length, 6);
});

const scaled = defineOp({
  name: "TestScaled",
  summary: "a matrix times a number, and another one added",
  inputs: { x: "[M,N]", "plus?": "[M,N]" },
  attributes,
  output: "[M,N]",
  shape: ({ x }) => like(x),
  compose({ x, plus }, { by }) {
    const y = tf.mul<tf.Tensor2D>(x, by);
    return plus === undefined ? y : tf.add(y, plus);
  },
});

Deno.test("run() takes the inputs and attributes that the op names, and no others", () => {
  const call = (op: typeof scaled, x: tf.Tensor2D) => {
    // @ts-expect-error: no x
    op.run({}, { by: 1 });
    // @ts-expect-error: no such input
    op.run({ x, minus: x }, { by: 1 });
    // @ts-expect-error: no such attribute
    op.run({ x }, { times: 1 });
    // @ts-expect-error: a vector
    op.run({ x: tf.ones<tf.Rank.R1>([1]) }, { by: 1 });
  };
  assertEquals(typeof call, "function");
});

eachBackend("an op without a kernel is composed, optional inputs left out or not", async () => {
  const x = tf.tensor2d([[1, 2]]);
  assertEquals([...await scaled.run({ x }, { by: 3 }).data()], [3, 6]);
  assertEquals([...await scaled.run({ x, plus: x }, { by: 3 }).data()], [4, 8]);
});

/** A gradient that no composition has: to see which one counts. */
function odd(name: string, compositionByParts: boolean) {
  return defineOp({
    name,
    summary: "a vector, with a gradient of its own",
    inputs: { x: "[N]" },
    output: "[N]",
    shape: ({ x }) => like(x),
    compose: ({ x }) => tf.mul<tf.Tensor1D>(x, 2),
    gradient: {
      saves: ["x"],
      compositionByParts,
      towards: (dy, { x }) => ({ x: () => tf.mul(dy, x) }),
    },
  });
}

eachBackend("an op's gradient holds for its composition, unless its parts' do", async () => {
  const slope = async (op: ReturnType<typeof odd>) => {
    const gradient = tf.grad((x) => op.run({ x: x as tf.Tensor1D }, {}));
    return [...await gradient(tf.tensor1d([5, 7])).data()];
  };
  assertEquals(await slope(odd("TestOwn", false)), [5, 7]);
  assertEquals(await slope(odd("TestParts", true)), [2, 2]);
});

Deno.test("an op without kernel and composition says what is missing", () => {
  const nothing: Operation<{ x: "[N]" }, Record<never, never>, "[N]", never> = defineOp({
    name: "TestNothing",
    summary: "nothing",
    inputs: { x: "[N]" },
    output: "[N]",
    shape: ({ x }) => like(x),
  });
  assertThrows(
    () => nothing.run({ x: tf.ones([1]) }, {}),
    Error,
    "Cannot run op TestNothing on backend",
  );
});
