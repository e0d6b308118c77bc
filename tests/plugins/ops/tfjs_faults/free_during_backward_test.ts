import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { eachBackend } from "../../../backends.ts";

eachBackend("a backward pass frees what it has passed", async () => {
  const depth = 30;
  const x = tf.linspace(0.5, 2, 4);
  const before = tf.memory();
  let held = Infinity;
  const first = tf.customGrad((x) => ({
    value: tf.clone(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => {
      held = tf.memory().numDataBuffers - before.numDataBuffers;
      return dy;
    },
  }));
  const gradient = tf.grad((x) => {
    let y = first(x);
    // Each saves its input, and passes on a gradient of the same size.
    for (let i = 0; i < depth; i++) y = tf.sin(y);
    return y.sum();
  })(x);
  assert(held < 10, `${held} arrays are held where the pass arrives, of ${depth} sines`);
  let [value, slope] = [0.5, 1];
  for (let i = 0; i < depth; i++) [value, slope] = [Math.sin(value), slope * Math.cos(value)];
  assert(Math.abs((await gradient.data())[0]! - slope) < 1e-6);
  gradient.dispose();
  assertEquals(tf.memory().numTensors, before.numTensors);
  assertEquals(tf.memory().numDataBuffers, before.numDataBuffers);
  x.dispose();
});

eachBackend("a gradient of a gradient is right", async () => {
  const x = tf.tensor1d([2, 3]);
  const before = tf.memory().numTensors;
  const cube = (x: tf.Tensor) => tf.mul(tf.square(x), x).sum();
  const second = tf.grad((x) => tf.grad(cube)(x).sum())(x);
  assertEquals([...await second.data()].map(Math.round), [12, 18]);
  second.dispose();
  assertEquals(tf.memory().numTensors, before);
  x.dispose();
});

eachBackend("a gradient that the caller gives stays the caller's", async () => {
  const [x, dy] = [tf.tensor1d([2, 3]), tf.tensor1d([1, -1])];
  for (let i = 0; i < 2; i++) {
    const gradient = tf.grad((x) => tf.square(x))(x, dy);
    assertEquals([...await gradient.data()], [4, -6]);
    gradient.dispose();
  }
  assertEquals(dy.isDisposed, false);
  tf.dispose([x, dy]);
});

eachBackend("a gradient that is handed on as it is, or branches, arrives", async () => {
  const through = tf.customGrad((x) => ({
    value: tf.mul(x as tf.Tensor, 2),
    gradFunc: (dy: tf.Tensor) => dy,
  }));
  const x = tf.tensor1d([2, 3]);
  const gradient = tf.grad((x) => {
    const [a, b] = [through(tf.square(x)), through(through(x))];
    return tf.add(tf.mul(a, b), a).sum();
  })(x);
  // As the gradients claim: d(ab + a) = b·2x + a + 2x, with a = 2x², b = 4x.
  assertEquals([...await gradient.data()], [8 * 4 + 8 + 4, 12 * 6 + 18 + 6]);
  tf.dispose([x, gradient]);
});

eachBackend("a gradient that is handed on to two arrives at both", async () => {
  const sum = tf.customGrad((a, b) => ({
    value: tf.add(a as tf.Tensor, b as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => [dy, dy],
  }));
  const x = tf.tensor1d([2, 3]);
  const gradient = tf.grad((x) => {
    const inner = sum(tf.square(x), tf.sin(x));
    return tf.mul(sum(inner, tf.cos(x)), 3).sum();
  })(x);
  const wanted = [2, 3].map((x) => 3 * (2 * x + Math.cos(x) - Math.sin(x)));
  (await gradient.data()).forEach((value, i) => assert(Math.abs(value - wanted[i]!) < 1e-5));
  tf.dispose([x, gradient]);
});

eachBackend("the gradient of an intermediate result can be asked for", async () => {
  const x = tf.tensor1d([2, 3]);
  const wanted: tf.Tensor[] = [x];
  const { value, grads } = tf.engine().gradients(() => {
    const middle = tf.keep(tf.square(x));
    wanted.push(middle);
    return tf.square(middle).sum() as tf.Tensor;
  }, wanted);
  assertEquals([...await grads[1]!.data()], [8, 18]);
  assertEquals([...await grads[0]!.data()], [32, 108]);
  tf.dispose([value, ...grads, ...wanted]);
});

eachBackend("what a custom gradient computes on its way is freed", async () => {
  const depth = 30;
  const x = tf.linspace(0.5, 2, 4);
  const before = tf.memory();
  let held = Infinity;
  const step = tf.customGrad((x) => ({
    value: tf.mul(x as tf.Tensor, 2),
    gradFunc: (dy: tf.Tensor) => {
      held = tf.memory().numDataBuffers - before.numDataBuffers;
      return tf.div(tf.square(tf.sqrt(tf.square(tf.mul(dy, 2)))), tf.mul(dy, 2));
    },
  }));
  const gradient = tf.grad((x) => {
    let y = step(x);
    for (let i = 1; i < depth; i++) y = step(y);
    return y.sum();
  })(x);
  assert(held < 10, `${held} arrays are held where the pass arrives, of ${depth} steps`);
  assert(Math.abs((await gradient.data())[0]! / 2 ** depth - 1) < 1e-4);
  gradient.dispose();
  assertEquals(tf.memory().numTensors, before.numTensors);
  x.dispose();
});

eachBackend("of gradients that are added, the sum alone is held", async () => {
  const depth = 30;
  const [x, weight] = [tf.linspace(0.5, 2, 4), tf.scalar(1)];
  const before = tf.memory();
  let held = Infinity;
  const first = tf.customGrad((x) => ({
    value: tf.clone(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => {
      held = tf.memory().numDataBuffers - before.numDataBuffers;
      return dy;
    },
  }));
  const [toX, toWeight] = tf.grads((x, weight) => {
    let y = first(x);
    // Each y has two uses, the weight has as many as the depth.
    for (let i = 0; i < depth; i++) y = tf.sub(tf.mul(y, tf.mul(weight, 2)), y);
    return y.sum();
  })([x, weight]);
  assert(held < 12, `${held} arrays are held where the pass arrives, of ${depth} sums`);
  assertEquals([...await toX!.data()], [1, 1, 1, 1]);
  const wanted = 2 * depth * [...await x.data()].reduce((sum, value) => sum + value, 0);
  assert(Math.abs((await toWeight!.data())[0]! / wanted - 1) < 1e-5);
  tf.dispose([toX!, toWeight!]);
  assertEquals(tf.memory().numTensors, before.numTensors);
  tf.dispose([x, weight]);
});

eachBackend("a custom gradient may be a backward pass of its own", async () => {
  const x = tf.tensor1d([2, 3]);
  const before = tf.memory().numTensors;
  const cube = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    const power = (x: tf.Tensor) => tf.mul(tf.square(x), x);
    return {
      value: power(x as tf.Tensor),
      gradFunc: (dy: tf.Tensor, [x]: tf.Tensor[]) => tf.grad(power)(x!, dy),
    };
  });
  const gradient = tf.grad((x) => tf.sum(tf.mul(cube(tf.square(x)), x)))(x);
  // The seventh power's.
  assertEquals([...await gradient.data()].map(Math.round), [7 * 2 ** 6, 7 * 3 ** 6]);
  gradient.dispose();
  assertEquals(tf.memory().numTensors, before);
  x.dispose();
});

eachBackend(
  "what is saved for a backward pass takes no kernel, and is freed behind it",
  async () => {
    const x = tf.tensor1d([2, 3]), before = tf.memory();
    const own = tf.customGrad((...args) => {
      const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
      save([x]);
      const gradFunc = (dy: tf.Tensor, [kept]: tf.Tensor[]) => tf.mul(dy, tf.mul(kept!, 2));
      return { value: tf.square(x), gradFunc };
    });
    const called = await tf.profile(() => tf.grad((x) => own(tf.square(x)).sum())(x));
    assertEquals(called.kernelNames.includes("Identity"), false, called.kernelNames.join());
    const slope = called.result as tf.Tensor;
    assertEquals([...await slope.data()].map(Math.round), [32, 108]);
    slope.dispose();
    assertEquals(tf.memory().numTensors, before.numTensors);
    assertEquals(tf.memory().numDataBuffers, before.numDataBuffers);
    assertEquals([...await x.data()], [2, 3]);
    x.dispose();
  },
);
