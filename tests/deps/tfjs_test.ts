import * as tf from "@tensorflow/tfjs";
import * as core from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { generate } from "../../deps/tfjs/generate.ts";
import { eachBackend } from "../backends.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("gradients and methods are those of the pinned core, to the last character", async () => {
  const written = await Deno.readTextFile(new URL("deps/tfjs/registered.js", ROOT));
  const dist = new URL("node_modules/@tensorflow/tfjs-core/dist", ROOT).pathname;
  assert(
    generate(dist) === written,
    "deps/tfjs/registered.js is another core's: deno run --allow-read --allow-write=deps deps/tfjs/generate.ts",
  );
});

Deno.test("what cannot be taken over from another core is named", async () => {
  const dist = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dist}/register_all_gradients.js`, "import * as a from './math';\n");
    assertThrows(() => generate(dist), Error, "register_all_gradients imports all of math");
    await Deno.writeTextFile(
      `${dist}/register_all_gradients.js`,
      "import { away } from './util';\n",
    );
    assertThrows(() => generate(dist), Error, "Not found: util.away");
  } finally {
    await Deno.remove(dist, { recursive: true });
  }
});

Deno.test("one core: its tensors are those of @tensorflow/tfjs, and set-up installs no other copy", async () => {
  assertStrictEquals(tf.Tensor, core.Tensor);
  const lock = JSON.parse(await Deno.readTextFile(new URL("deno.lock", ROOT)));
  const locked = Object.keys(lock.npm).filter((name) => name.startsWith("@tensorflow/"));
  assertEquals(locked.map((name) => /tfjs[^@]*/.exec(name)![0]).sort(), [
    "tfjs-backend-cpu",
    "tfjs-backend-wasm",
    "tfjs-backend-webgpu",
    "tfjs-core",
  ]);
});

/** Operations that plugins use, with the derivative at x. */
const DERIVATIVES: readonly {
  readonly name: string;
  readonly y: (x: tf.Tensor) => tf.Tensor;
  readonly slope: (x: number) => number;
}[] = [
  { name: "add, mul", y: (x) => x.add(1).mul(x), slope: (x) => 2 * x + 1 },
  { name: "div, sub", y: (x) => x.sub(2).div(tf.scalar(4)), slope: () => 1 / 4 },
  { name: "sigmoid", y: (x) => x.sigmoid(), slope: (x) => sigmoid(x) * (1 - sigmoid(x)) },
  { name: "log, exp", y: (x) => x.exp().add(1).log(), slope: sigmoid },
  { name: "relu, maximum", y: (x) => x.relu().maximum(x.neg()), slope: Math.sign },
  { name: "reshape, sum", y: (x) => x.reshape([2, 2]).sum(1), slope: () => 1 },
  { name: "concat, slice", y: (x) => x.concat(x.mul(3)).slice(4, 4), slope: () => 3 },
  { name: "square, mean", y: (x) => x.square().mean(), slope: (x) => x / 2 },
];

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

for (const { name, y, slope } of DERIVATIVES) {
  eachBackend(`tensors have methods and gradients: ${name}`, async () => {
    const at = [-1.5, -0.25, 0.5, 2];
    const x = tf.tensor1d(at);
    const gradient = tf.grad((x: tf.Tensor) => y(x).sum())(x);
    const found = await gradient.data();
    tf.dispose([x, gradient]);
    at.forEach((x, i) => assert(Math.abs(found[i]! - slope(x)) < 1e-5, `${found} at ${at}`));
  });
}
