import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { Loss } from "../../../core/contracts/loss.ts";
import type { Method } from "../../../core/contracts/method.ts";
import type { ParamSpec } from "../../../core/contracts/params.ts";
import type { Standing } from "../../../core/contracts/training_part.ts";
import type { WeightedLoss } from "../../../core/trainer/gradients.ts";
import { emaTeacher } from "../../../plugins/wsss/training/teacher.ts";
import { eachBackend } from "../../backends.ts";
import {
  brighten,
  CLASSES,
  fit,
  inFolder,
  linear,
  quietBackend,
  trainToy,
} from "../trainer_toy.ts";

function spec(name: string, shape: readonly number[], trainable: boolean): ParamSpec {
  const role = trainable ? "weight" : "buffer";
  return {
    name,
    shape,
    layout: "vector",
    role,
    trainable,
    pretrained: false,
    init: { kind: "zeros" },
  };
}

/** Its teacher's scores of the same images are a second view; labels are gathered by row. */
const teacher = emaTeacher(linear.params, 0.75);
const taught: Method = {
  ...brighten,
  params: [...teacher.params, spec("labels", [8, CLASSES], false)],
  begin: (training) => teacher.begin(training),
  step(batch, context) {
    context.gather.rows("labels", batch.targets["label"]!);
    const input = brighten.step(batch, context);
    return {
      ...input,
      views: [...input.views, teacher.of(context).forward(batch.image, context.context(1))],
    };
  },
  afterStep(gathered, training) {
    teacher.afterStep(gathered, training);
    training.params.get("labels").assign(gathered["labels"]!);
  },
};

/** A trained offset per class, and a memory of the mean score; it draws the batch's own factor. */
const remembering: Loss = {
  needs: ["cam"],
  params: [spec("offset", [CLASSES], true), spec("memory", [CLASSES], false)],
  compute({ views }, { params, gather, rng }) {
    const [scores, other] = views.map(({ cam }) => cam!.mean([1, 2]).slice([0, 1], [-1, CLASSES]));
    gather.sum("scores", scores!.sum(0));
    gather.sum("count", tf.scalar(scores!.shape[0]!));
    const moved = scores!.add(params.get("offset")).sub(params.get("memory"));
    return moved.sub(other ?? 0).square().mean().mul(rng.uniform(0.5, 1));
  },
  afterStep({ scores, count }, { params }) {
    const memory = params.get("memory");
    memory.assign(memory.mul(0.5).add(scores!.div(count!).mul(0.5)));
  },
};

const losses: readonly WeightedLoss[] = [
  { name: "fit", loss: fit("cam"), weight: 1, start: 0 },
  { name: "aux", loss: fit("aux"), weight: 1, start: 0 },
  { name: "memory", loss: remembering, weight: 0.5, start: 2 },
];
const common = { method: taught, losses };

function nearest(a: ReadonlyMap<string, Float32Array>, b: ReadonlyMap<string, Float32Array>) {
  const distances = [...b].flatMap(([name, values]) =>
    [...values].map((value, i) => Math.abs(value - a.get(name)![i]!))
  );
  return Math.max(...distances);
}

eachBackend(
  "state of method and losses is the same after a training that was interrupted",
  (backend) =>
    inFolder(async (folder) => {
      const whole = await trainToy({ folder: `${folder}/whole`, microBatch: 3, ...common });
      assertEquals([...whole.kept.keys()], [
        "method/teacher.fc.weight",
        "method/teacher.aux.weight",
        "method/labels",
        "losses/memory/offset",
        "losses/memory/memory",
      ]);
      for (const [name, values] of whole.kept) {
        assert(values.some((value) => value !== 0), `${name} has moved`);
      }
      const parts = { folder: `${folder}/parts`, microBatch: 3, ...common };
      await trainToy({ ...parts, maxSteps: 5 });
      const resumed = await trainToy(parts);
      if (backend === "webgpu") {
        assert(nearest(resumed.weights, whole.weights) < 1e-5);
        assert(nearest(resumed.kept, whole.kept) < 1e-5);
      } else {
        assertEquals(resumed.weights, whole.weights);
        assertEquals(resumed.kept, whole.kept);
      }
      const file = await Deno.readTextFile(`${folder}/whole/last.json`);
      const weights = await Deno.readFile(`${folder}/whole/${JSON.parse(file).weights.file}`);
      assert(
        !new TextDecoder("latin1").decode(weights).includes("teacher"),
        "weights are the network's",
      );
    }),
);

eachBackend(
  "what is gathered does not depend on the micro-batch",
  () =>
    inFolder(async (folder) => {
      const whole = await trainToy({ folder: `${folder}/8`, epochs: 2, ...common });
      for (const microBatch of [3, 1]) {
        const parts = await trainToy({
          folder: `${folder}/${microBatch}`,
          epochs: 2,
          microBatch,
          ...common,
        });
        assert(nearest(parts.kept, whole.kept) < 1e-5, `micro-batch ${microBatch}`);
        assertEquals(parts.kept.get("method/labels"), whole.kept.get("method/labels"));
      }
    }),
);

Deno.test("what is gathered is neither scaled nor counted twice where a batch is computed again in half precision", async () => {
  await tf.setBackend("cpu");
  const backend = { ...quietBackend, precision: "f16" as const };
  let computed = 0;
  // Gradients overflow at the first two scales.
  const narrow = tf.customGrad((x) => ({
    value: (x as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => dy.mul(tf.where(dy.abs().greater(20000), Infinity, 1)),
  }));
  const plain = fit("cam");
  const overflowing: Loss = {
    ...plain,
    compute(input, at) {
      computed++;
      return narrow(plain.compute(input, at)) as tf.Scalar;
    },
  };
  const of = (loss: Loss) => [{ ...losses[0]!, loss }, ...losses.slice(1)];
  await inFolder(async (folder) => {
    const common = { method: taught, maxSteps: 4 };
    const whole = await trainToy({ folder: `${folder}/a`, ...common, losses: of(plain) });
    const half = await trainToy({
      folder: `${folder}/b`,
      ...common,
      losses: of(overflowing),
      backend,
    });
    assert(computed > 4, "a batch was computed again");
    assertEquals(half.kept, whole.kept);
  });
});

Deno.test("a teacher begins as a copy and follows by its momentum", async () => {
  await tf.setBackend("cpu");
  await inFolder(async (folder) => {
    const begun: Float32Array[] = [];
    const method = {
      ...taught,
      begin(training: Parameters<NonNullable<Method["begin"]>>[0]) {
        taught.begin!(training);
        begun.push(training.params.get("teacher.fc.weight").dataSync<"float32">().slice());
        begun.push(training.model.params.get("fc.weight").dataSync<"float32">().slice());
      },
    };
    const { weights, kept } = await trainToy({ folder, ...common, method, maxSteps: 1 });
    assertEquals(begun[0], begun[1]);
    // [in, out] inside, and transposed in the files' layout.
    const inside = weights.get("fc.weight")!;
    const wanted = [...begun[0]!].sort((a, b) => a - b);
    const found = kept.get("method/teacher.fc.weight")!
      .map((value, i) => (value - 0.25 * inside[i]!) / 0.75).sort();
    found.forEach((value, i) => assert(Math.abs(value - wanted[i]!) < 1e-6));
  });
});

Deno.test("state that is assigned to in a micro-batch is refused, with the way to do it", async () => {
  await tf.setBackend("cpu");
  const impatient: Loss = {
    ...remembering,
    compute(input, training) {
      training.params.get("memory").assign(tf.zeros([CLASSES]));
      return remembering.compute(input, training);
    },
  };
  await inFolder(async (folder) => {
    await assertRejects(
      () => trainToy({ folder, losses: [{ name: "x", loss: impatient, weight: 1, start: 0 }] }),
      Error,
      "Cannot assign to losses/x/memory while a micro-batch is computed",
    );
  });
});

Deno.test("methods and losses are told the step, the length and their own stream", async () => {
  await tf.setBackend("cpu");
  const seen: Pick<Standing, "step" | "totalSteps">[] = [],
    draws: number[] = [],
    rows: number[] = [];
  const method: Method = {
    ...brighten,
    step(batch, context) {
      seen.push({ step: context.step, totalSteps: context.totalSteps });
      return brighten.step(batch, context);
    },
  };
  const plain = fit("cam");
  const loss: Loss = {
    ...plain,
    compute(input, { rng, firstRow }) {
      draws.push(rng.uniform(0, 1));
      rows.push(firstRow);
      return plain.compute(input, { rng, firstRow } as Parameters<Loss["compute"]>[1]);
    },
  };
  await inFolder(async (folder) => {
    await trainToy({
      folder,
      method,
      losses: [{ name: "fit", loss, weight: 1, start: 0 }, {
        name: "aux",
        loss: fit("aux"),
        weight: 1,
        start: 0,
      }],
      microBatch: 4,
      maxSteps: 2,
    });
  });
  assertEquals(seen, [0, 0, 1, 1].map((step) => ({ step, totalSteps: 12 })));
  assertEquals(rows, [0, 4, 0, 4]);
  assertEquals([draws[0] === draws[1], draws[2] === draws[3], draws[0] === draws[2]], [
    true,
    true,
    false,
  ]);
});

Deno.test("a loss's weight follows its schedule", async () => {
  await tf.setBackend("cpu");
  const totals: number[][] = [];
  await inFolder(async (folder) => {
    await trainToy({
      folder,
      losses: [
        { name: "fit", loss: fit("cam"), weight: 1, start: 0 },
        {
          name: "aux",
          loss: fit("aux"),
          weight: 0.5,
          start: 0,
          schedule: { factor: (step, total) => step / total },
        },
      ],
      maxSteps: 3,
      observer: {
        step: ({ losses }) => void totals.push([losses["loss"]!, losses["fit"]!, losses["aux"]!]),
      },
    });
  });
  totals.forEach(([loss, first, second], step) => {
    assert(Math.abs(loss! - first! - 0.5 * step / 12 * second!) < 1e-6, `step ${step}`);
  });
  await inFolder(async (folder) => {
    const schedule = { factor: () => NaN };
    await assertRejects(
      () =>
        trainToy({
          folder,
          losses: [{ name: "fit", loss: fit("cam"), weight: 1, start: 0, schedule }],
        }),
      RangeError,
      "Cannot weight loss fit: its schedule gives NaN",
    );
  });
});
