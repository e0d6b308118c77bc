import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { eachBackend } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { conv2dReference, error } from "../reference.ts";

eachBackend("the gradient of cumsum is right on every axis, exclusive and reversed", async () => {
  const shape = [3, 5, 4] as const;
  const x = tf.tensor3d(Float32Array.from(randomArray("x", shape).data), [...shape]);
  const w = randomArray("w", shape);
  const weights = tf.tensor3d(Float32Array.from(w.data), [...shape]);
  for (const axis of [0, 1, 2]) {
    for (const exclusive of [false, true]) {
      for (const reverse of [false, true]) {
        const want = new Float64Array(60);
        const step = axis === 0 ? 20 : axis === 1 ? 4 : 1;
        for (let i = 0; i < 60; i++) {
          const at = Math.floor(i / step) % shape[axis]!;
          for (let j = 0; j < shape[axis]!; j++) {
            const later = reverse ? j <= at : j >= at;
            // dx[at] gathers the weights of every sum that at took part in.
            if (later && !(exclusive && j === at)) want[i]! += w.data[i + (j - at) * step]!;
          }
        }
        const dx = tf.grad((x) => tf.cumsum(x, axis, exclusive, reverse).mul(weights).sum())(x);
        assertEquals(dx.shape, [...shape]);
        assert(
          error(await dx.data(), want) <= 1e-5,
          `axis ${axis} exclusive ${exclusive} reverse ${reverse}`,
        );
      }
    }
  }
});

eachBackend("cumsum and cumprod run backwards, whatever length ran before", async () => {
  for (const length of [3, 7, 2, 5]) {
    const values = Array.from({ length }, (_, i) => i + 1);
    const x = tf.tensor2d([values, values]);
    const sums = values.map((_, i) => values.slice(i).reduce((sum, v) => sum + v, 0));
    const products = values.map((_, i) => values.slice(i).reduce((product, v) => product * v, 1));
    const later = [...products.slice(1), 1];
    assertEquals([...await tf.cumsum(x, 1, false, true).data()], [...sums, ...sums]);
    assertEquals([...await tf.cumprod(x, 1, false, true).data()], [...products, ...products]);
    assertEquals([...await tf.cumprod(x, 1, true, true).data()], [...later, ...later]);
  }
});

eachBackend("the gradient of gather adds up rows taken twice", async () => {
  const x = tf.tensor2d([[1, 2], [3, 4], [5, 6]]);
  const indices = tf.tensor1d([2, 0, 2, 2], "int32");
  const weights = tf.tensor2d([[1, 10], [2, 20], [3, 30], [4, 40]]);
  const dx = tf.grad((x) => tf.gather(x, indices).mul(weights).sum())(x);
  assertEquals([...await dx.data()], [2, 20, 0, 0, 8, 80]);
});

eachBackend("unsortedSegmentSum leaves out ids below 0", async () => {
  const x = tf.tensor1d([1, 2, 4, 8]);
  const sums = tf.unsortedSegmentSum(x, tf.tensor1d([1, -1, 1, 0], "int32"), 3);
  assertEquals([...await sums.data()], [8, 5, 0]);
});

eachBackend("both gradients of a transposed convolution are right", async () => {
  const dy = randomArray("image", [2, 4, 5, 3]), filter = randomArray("filter", [3, 3, 5, 3]);
  const weights = randomArray("weights", [2, 7, 9, 5]);
  // A transposed convolution is the input gradient of a convolution; its own gradients are that convolution and its filter's.
  const options = { stride: 2, dilation: 1, pad: [1, 1], size: [4, 5] } as const;
  const forward = conv2dReference(weights, filter, dy.data, options);
  const image = tf.tensor4d(Float32Array.from(dy.data), [2, 4, 5, 3]);
  const kernel = tf.tensor4d(Float32Array.from(filter.data), [3, 3, 5, 3]);
  const w = tf.tensor4d(Float32Array.from(weights.data), [2, 7, 9, 5]);
  const op = (x: tf.Tensor, f: tf.Tensor) =>
    tf.conv2dTranspose(x as tf.Tensor4D, f as tf.Tensor4D, [2, 7, 9, 5], 2, 1);
  const [dImage, dFilter] = tf.grads((x, f) => op(x!, f!).mul(w).sum())([image, kernel]);
  assert(error(await op(image, kernel).data(), forward.dx) <= 1e-5, "value");
  assert(error(await dImage!.data(), forward.y) <= 1e-5, "gradient of the image");
  assert(error(await dFilter!.data(), forward.dFilter) <= 1e-5, "gradient of the filter");
});

eachBackend("tfjs's own gradient kernels of a depthwise convolution run", async () => {
  const x = randomArray("x", [2, 6, 5, 3]), filter = randomArray("filter", [3, 3, 3, 1]);
  const dy = randomArray("dy", [2, 3, 3, 3]);
  const options = { stride: 2, dilation: 1, pad: [1, 1], size: [3, 3] } as const;
  const want = conv2dReference(x, filter, dy.data, options, true);
  const attributes = {
    strides: [2, 2],
    pad: 1,
    dilations: [1, 1],
    inputShape: [2, 6, 5, 3],
    filterShape: [3, 3, 3, 1],
  };
  const tensor = (t: typeof x) => tf.tensor(Float32Array.from(t.data), [...t.shape]);
  const run = (kernel: string, inputs: tf.NamedTensorMap) =>
    tf.engine().runKernel(kernel, inputs, attributes) as tf.Tensor;
  const dx = run("DepthwiseConv2dNativeBackpropInput", { dy: tensor(dy), filter: tensor(filter) });
  const dFilter = run("DepthwiseConv2dNativeBackpropFilter", { x: tensor(x), dy: tensor(dy) });
  assert(error(await dx.data(), want.dx) <= 1e-5, "input");
  assert(error(await dFilter.data(), want.dFilter) <= 1e-5, "filter");
});

eachBackend("a convolution in channels-first layout is right or refused, never wrong", async () => {
  const x = tf.ones([1, 2, 4, 4]) as tf.Tensor4D, filter = tf.ones([3, 3, 2, 5]) as tf.Tensor4D;
  const forward = (x: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter, 1, "same", "NCHW");
  assertMatch(assertThrows(() => tf.grad(forward)(x), Error).message, /NCHW|channelsFirst/);
  let y: tf.Tensor4D | undefined;
  try {
    y = forward(x);
  } catch (error) {
    assertMatch((error as Error).message, /NCHW|channelsFirst/);
  }
  if (y === undefined) return;
  assertEquals(y.shape, [1, 5, 4, 4]);
  assertEquals([...(await y.data()).slice(4, 8)], [12, 18, 18, 12]);
});
