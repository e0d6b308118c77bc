import { ops } from "../../../plugins/ops/list.ts";
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { getThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import type { BackendInfo } from "../../../core/contracts/backend.ts";
import type { PluginFactory } from "../../../core/registry/plugin.ts";
import { autoBackend } from "../../../plugins/backends/auto.ts";
import { backends, eachBackend, presentBackends } from "../../backends.ts";

eachBackend("a backend says what it is", async (name) => {
  const info = await backends[name].prepare();
  assertEquals(info.name, name);
  assertEquals(tf.getBackend(), name);
  assert(info.device.length > 0);
  assert(info.maxTensorBytes >= 128 * 2 ** 20);
});

Deno.test({
  name: "backends may be prepared in any order, again and again",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const infos: BackendInfo[] = [];
    for (const name of [...presentBackends, ...presentBackends.toReversed(), ...presentBackends]) {
      infos.push(await backends[name].prepare());
      const x = tf.randomUniform<tf.Rank.R4>([1, 5, 5, 3], -1, 1, "float32", 1);
      const filter = tf.ones<tf.Rank.R4>([3, 3, 3, 2]);
      const dx = tf.grad((x) => tf.conv2d(x as tf.Tensor4D, filter, 1, 2, "NHWC", 2))(x);
      assertEquals((await dx.data()).length, 75, name);
    }
    for (const info of infos) await info.check();
  },
});

eachBackend("gradients, over and over, leave no tensor behind", async () => {
  const x = tf.randomUniform<tf.Rank.R4>([2, 9, 7, 5], -1, 1, "float32", 1);
  const filter = tf.randomUniform<tf.Rank.R4>([3, 3, 5, 4], -1, 1, "float32", 2);
  const step = () =>
    tf.tidy(() => {
      const [dx, dFilter] = tf.grads((x, f) =>
        tf.relu(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 2, 1)).square().sum()
      )([x, filter]);
      return tf.add(dx!.sum(), dFilter!.sum());
    });
  const first = await step().data();
  const { numTensors, numDataBuffers } = tf.memory();
  for (let i = 0; i < 10; i++) {
    const value = step();
    assertEquals(await value.data(), first, "the same step gives the same bits");
    value.dispose();
  }
  assertEquals(tf.memory().numTensors, numTensors);
  assertEquals(tf.memory().numDataBuffers, numDataBuffers);
});

eachBackend("clone() shares the elements, and they outlive the original", async () => {
  const x = tf.range(0, 3000).add(1);
  const { numDataBuffers } = tf.memory();
  const copy = x.clone();
  assertEquals(tf.memory().numDataBuffers, numDataBuffers);
  x.dispose();
  assertEquals((await copy.data())[2999], 3000);
  copy.dispose();
  assertEquals(tf.memory().numDataBuffers, numDataBuffers - 1);
});

Deno.test("auto takes a real GPU where there is one, else wasm", async () => {
  const factory = {
    create: (_kind: string, use: { use: string }) =>
      Promise.resolve(backends[use.use as keyof typeof backends]),
  } as unknown as PluginFactory;
  const info = await (await autoBackend.create({}, undefined, factory)).prepare(ops);
  assertEquals(info.software, false, `auto chose the software adapter ${info.device}`);
  if (info.name === "wasm") assertMatch(info.device, /^WebAssembly/);
  else assertEquals(info.name, "webgpu");
});

Deno.test("wasm computes on one thread", async () => {
  await backends.wasm.prepare();
  assertEquals(getThreadsCount(), 1);
});

Deno.test("a tensor that does not fit WebAssembly's memory fails, and harms no other", async () => {
  await backends.wasm.prepare();
  const other = tf.range(0, 1000);
  const { numTensors } = tf.memory();
  for (const shape of [[2 ** 30], [2 ** 30 - 1], [2 ** 20, 2 ** 12]]) {
    assertThrows(() => tf.tidy(() => void tf.fill(shape, 1)), RangeError, "WebAssembly's 4 GiB");
  }
  assertEquals(tf.memory().numTensors, numTensors);
  assertEquals((await other.data())[999], 999);
  other.dispose();
});

Deno.test("no backend prints tfjs's advice to install another package", async () => {
  const code = `
    import { cpuBackend } from "./plugins/backends/cpu.ts";
    import * as tf from "@tensorflow/tfjs";
    const backend = await cpuBackend.create({}, undefined, undefined as never);
    await backend.prepare();
    console.log((await tf.add(1, 2).data())[0]);
  `;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--ext=ts", code],
    cwd: new URL("../../../", import.meta.url),
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  assertEquals(new TextDecoder().decode(stdout), "3\n");
  assertEquals(new TextDecoder().decode(stderr), "");
});
