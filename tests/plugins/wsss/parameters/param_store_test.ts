import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { isUserError } from "../../../../core/errors.ts";
import {
  fans,
  fromTorch,
  torchShape,
  toTorch,
} from "../../../../plugins/wsss/parameters/layout.ts";
import { initialValues } from "../../../../plugins/wsss/parameters/init.ts";
import { ParamStore } from "../../../../plugins/wsss/parameters/param_store.ts";
import type { ParamSpec } from "../../../../core/contracts/params.ts";
import { Rng } from "../../../../core/rng.ts";
import type { StateArray, StateDict } from "../../../../core/contracts/state_dict.ts";
import { eachBackend } from "../../../backends.ts";

function spec(name: string, shape: readonly number[], rest: Partial<ParamSpec> = {}): ParamSpec {
  return {
    name,
    shape,
    layout: shape.length === 4 ? "conv" : "vector",
    role: "weight",
    trainable: true,
    pretrained: false,
    init: { kind: "zeros" },
    ...rest,
  };
}

const specs = [
  spec("conv.weight", [3, 5, 2, 7], { init: { kind: "kaiming-normal", scale: 1 } }),
  spec("dw.weight", [3, 1, 5, 1], {
    layout: "depthwise",
    init: { kind: "xavier-uniform", gain: 4 },
  }),
  spec("conv.bias", [7], { role: "bias" }),
  spec("bn.running_var", [7], { role: "buffer", trainable: false, init: { kind: "ones" } }),
];

function random(shape: readonly number[], rng: Rng): StateArray {
  const length = shape.reduce((product, size) => product * size, 1);
  return { dtype: "F32", shape, data: Float32Array.from({ length }, () => rng.normal()) };
}

function randomState(seed: number): Map<string, StateArray> {
  const rng = Rng.of(seed);
  return new Map(specs.map((s) => [s.name, random(torchShape(s), rng)]));
}

Deno.test("toTorch() and fromTorch() move element [h,w,i,o] to [o,i,h,w], depthwise to [c,1,h,w]", () => {
  const [h, w, i, o] = [3, 5, 2, 7];
  const conv = { layout: "conv" as const, shape: [h, w, i, o] };
  const ours = Float32Array.from({ length: h * w * i * o }, (_, k) => k);
  const theirs = toTorch(ours, conv);
  for (const [a, b, c, d] of [[0, 0, 0, 0], [2, 4, 1, 6], [1, 3, 0, 5], [2, 0, 1, 3]] as const) {
    assertEquals(
      theirs[((d * i + c) * h + a) * w + b],
      ours[((a * w + b) * i + c) * o + d],
    );
  }
  assertEquals(fromTorch(theirs, conv), ours);
  const depthwise = { layout: "depthwise" as const, shape: [h, w, i, 1] };
  const dw = Float32Array.from({ length: h * w * i }, (_, k) => k);
  assertEquals(toTorch(dw, depthwise)[(1 * h + 2) * w + 3], dw[(2 * w + 3) * i + 1]);
  assertEquals(fromTorch(toTorch(dw, depthwise), depthwise), dw);
});

Deno.test("linear layers are transposed in files, tokens stay as they are", () => {
  const layer = { layout: "linear" as const, shape: [3, 2] };
  assertEquals(torchShape(layer), [2, 3]);
  // [[0, 1], [2, 3], [4, 5]] of inputs by outputs.
  const ours = Float32Array.of(0, 1, 2, 3, 4, 5);
  assertEquals([...toTorch(ours, layer)], [0, 2, 4, 1, 3, 5]);
  assertEquals(fromTorch(toTorch(ours, layer), layer), ours);
  assertEquals(fans(spec("fc.weight", [3, 2], { layout: "linear" })), { fanIn: 3, fanOut: 2 });
  assertThrows(() => torchShape({ ...layer, shape: [1, 1, 3, 2] }), RangeError, "2 dimensions");
  const token = { layout: "token" as const, shape: [1, 3, 2] };
  assertEquals(torchShape(token), [1, 3, 2]);
  assertEquals(toTorch(ours, token), ours);
  assertThrows(() => fans(spec("cls_token", [1, 1, 4], { layout: "token" })), RangeError, "token");
});

Deno.test("initialValues() draws normal by its deviation, truncated-normal within PyTorch's bounds", () => {
  const draw = (kind: "normal" | "truncated-normal", std: number) =>
    initialValues(spec("t", [1, 50, 200], { layout: "token", init: { kind, std } }), Rng.of(3));
  const deviation = (values: Float32Array) =>
    Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
  assertAlmostEquals(deviation(draw("normal", 0.02)), 0.02, 4 * 0.02 / Math.sqrt(20_000));
  // Its bounds do not scale with the deviation: at 0.02 nothing is cut off, at 2 what is above 2 is.
  assertEquals(draw("truncated-normal", 0.02), draw("normal", 0.02));
  assert(draw("normal", 2).some((value) => Math.abs(value) > 2));
  const cut = draw("truncated-normal", 2);
  assert(cut.every((value) => Math.abs(value) <= 2));
  // Variance of a normal cut off at one deviation: 1 - 2 φ(1) / (2 Φ(1) - 1).
  assertAlmostEquals(deviation(cut), 2 * Math.sqrt(1 - 2 * 0.24197 / 0.68269), 0.03);
});

Deno.test("fans() counts as PyTorch does", () => {
  // torch.nn.init._calculate_fan_in_and_fan_out of [7, 2, 3, 5] and [5, 1, 3, 1].
  assertEquals(fans(specs[0]!), { fanIn: 30, fanOut: 105 });
  assertEquals(fans(specs[1]!), { fanIn: 3, fanOut: 15 });
  assertThrows(() => fans(specs[2]!), RangeError, '"conv.bias"');
});

Deno.test("initialValues() draws kaiming-normal with deviation scale · √(2 / fanIn)", () => {
  const wide = spec("w", [3, 3, 20, 100], { init: { kind: "kaiming-normal", scale: 0.5 } });
  const values = initialValues(wide, Rng.of(3));
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / n);
  const wanted = 0.5 * Math.sqrt(2 / 180);
  // Four standard errors of 18,000 draws.
  assertAlmostEquals(mean, 0, 4 * wanted / Math.sqrt(n));
  assertAlmostEquals(deviation, wanted, 4 * wanted / Math.sqrt(2 * n));
  assert(values.some((v) => Math.abs(v) > 3 * wanted), "a normal has tails");
});

Deno.test("initialValues() draws xavier-uniform over ±gain · √(6 / (fanIn + fanOut))", () => {
  const wide = spec("w", [1, 1, 195, 192], { init: { kind: "xavier-uniform", gain: 4 } });
  const values = initialValues(wide, Rng.of(3));
  const bound = 4 * Math.sqrt(6 / (195 + 192));
  const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  assert(largest <= bound && largest > 0.999 * bound);
  const square = values.reduce((a, b) => a + b * b, 0) / values.length;
  assertAlmostEquals(square, bound * bound / 3, 0.02 * bound * bound / 3);
});

Deno.test("initialValues() depends on the seed and the name only", () => {
  const named = (name: string) =>
    spec(name, [1, 1, 4, 4], { init: { kind: "kaiming-normal", scale: 1 } });
  const a = initialValues(named("a"), Rng.of(1));
  assertEquals(initialValues(named("a"), Rng.of(1)), a);
  assert(initialValues(named("b"), Rng.of(1)).join() !== a.join());
  assert(initialValues(named("a"), Rng.of(2)).join() !== a.join());
});

eachBackend("ParamStore loads a state dict and gives it back bit for bit", async () => {
  const before = tf.memory().numTensors;
  const params = ParamStore.create(specs, Rng.of(1));
  const state = randomState(5);
  params.load(state, { from: "x" });
  assertEquals([...await params.toStateDict()], [...state]);
  // And the tensors inside are in our layout.
  const [h, w, i, o] = [3, 5, 2, 7];
  const conv = await params.get("conv.weight").data();
  const theirs = state.get("conv.weight")!.data;
  assertEquals(conv[((2 * w + 3) * i + 1) * o + 4], theirs[((4 * i + 1) * h + 2) * w + 3]);
  params.load(state, { from: "x" });
  assertEquals(tf.memory().numTensors, before + specs.length);
  params.dispose();
  assertEquals(tf.memory().numTensors, before);
});

eachBackend(
  "ParamStore starts from the formulas, the same with or without other parameters",
  async () => {
    const all = ParamStore.create(specs, Rng.of(1));
    const one = ParamStore.create(specs.slice(1, 2), Rng.of(1));
    const name = "dw.weight";
    assertEquals(await all.get(name).data(), await one.get(name).data());
    assertEquals([...await all.get("bn.running_var").data()], Array(7).fill(1));
    assertEquals(all.trainable().map((s) => s.name), ["conv.weight", "dw.weight", "conv.bias"]);
    all.dispose();
    one.dispose();
  },
);

Deno.test("ParamStore refuses duplicate and unknown names", async () => {
  await tf.setBackend("cpu");
  assertThrows(
    () => ParamStore.create([specs[0]!, specs[0]!], Rng.of(1)),
    RangeError,
    '"conv.weight"',
  );
  const params = ParamStore.create(specs, Rng.of(1));
  assertThrows(() => params.get("conv.weigth"), RangeError, 'did you mean "conv.weight"?');
  assertThrows(() => params.spec("fc99"), RangeError, '"fc99"');
  params.dispose();
});

Deno.test("ParamStore.load() lists all mismatches in one error and changes nothing", async () => {
  await tf.setBackend("cpu");
  const params = ParamStore.create(specs, Rng.of(1));
  const before = [...await params.toStateDict()];
  const state = randomState(2);
  state.set("conv.weigth", state.get("conv.weight")!);
  state.delete("conv.weight");
  state.set("conv.bias", random([9], Rng.of(1)));
  state.set("bn.running_var", {
    dtype: "I64",
    shape: [7],
    data: new BigInt64Array(7),
  });
  const error = assertThrows(() => params.load(state, { from: "net.pth" }), RangeError);
  assert(isUserError(error));
  for (
    const text of [
      "net.pth",
      "the file lacks (1): conv.weight (it has conv.weigth)",
      "the network does not know (1): conv.weigth (it knows conv.weight)",
      "conv.bias is [9] in the file, [7] in the network",
      "bn.running_var is I64",
    ]
  ) assert(error.message.includes(text), `"${error.message}" does not say "${text}"`);
  assertEquals([...await params.toStateDict()], before);
  params.dispose();
});

Deno.test("ParamStore.load() allows what its globs name", async () => {
  await tf.setBackend("cpu");
  const params = ParamStore.create(specs, Rng.of(1));
  const kept = await params.get("dw.weight").data();
  const state: Map<string, StateArray> = randomState(2);
  state.delete("dw.weight");
  state.set("linear1000.weight", random([4], Rng.of(1)));
  const load = (s: StateDict, allow: object) => params.load(s, { from: "x", ...allow });
  assertThrows(() => load(state, { allowMissing: ["dw.*"] }), RangeError, "linear1000");
  assertThrows(() => load(state, { allowExtra: ["linear1000.*"] }), RangeError, "dw.weight");
  load(state, { allowMissing: ["dw.*"], allowExtra: ["linear1000.*"] });
  assertEquals(await params.get("dw.weight").data(), kept);
  assertEquals(
    (await params.toStateDict()).get("conv.bias")!.data,
    state.get("conv.bias")!.data,
  );
  params.dispose();
});

Deno.test("ParamStore.load() keeps no view into the file", async () => {
  await tf.setBackend("cpu");
  const params = ParamStore.create(specs, Rng.of(1));
  const state = randomState(2);
  params.load(state, { from: "x" });
  const bias = state.get("conv.bias")!.data as Float32Array;
  const copy = bias.slice();
  bias.fill(0);
  assertEquals(await params.get("conv.bias").data(), copy);
  params.dispose();
});
