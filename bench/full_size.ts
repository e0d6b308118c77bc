/**
 * ResNet38 at full width under SEAM's head (105 million parameters, random): infers a photograph of 500x375 at some scales, or
 * takes one training step at 448x448, and writes time and peak memory to bench/results/full_size.json.
 *
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-write=bench/results bench/full_size.ts infer --backend wasm
 * --scales 0.5,1,1.5,2
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-write=bench/results bench/full_size.ts infer --backend webgpu
 * --scales 2 --no-flip
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-write=bench/results bench/full_size.ts train --backend webgpu
 * --recompute --memory 2.2
 *
 * A view at scale 1 takes 750 GFLOP, at scale 2 four times that, a training step 2,400: on an idle machine with two cores, wasm
 * reaches 25 GFLOP/s, lavapipe 2.5.
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import * as tf from "@tensorflow/tfjs";
import { type BackendInfo, type Raster, Registry, Rng } from "seamstress";
import { storesHalves } from "seamstress/ops";
import { ops, plugins } from "seamstress/plugins";
import { INITIAL_SCALE, Model, multiScaleCam, ParamStore, unscale } from "seamstress/wsss";
import { type Cost, PeakMeter } from "./measure/memory.ts";
import { Load } from "./measure/load.ts";
import { print } from "./measure/print.ts";
import { madeWith, writeRows } from "./measure/results.ts";
import { seamLosses, wholeGradients } from "./step/seam_losses.ts";

const SEED = 1, CLASSES = 20;
/** Class indices of the image label. */
const PRESENT = [7, 14];

const registry = new Registry(plugins);

/** One line of the results. */
interface Row extends Cost {
  /** Name of the benchmark; a later run of the same name replaces the row. */
  readonly what: string;
  /** A few result values, which must agree between backends to float32 accuracy. */
  readonly numbers: Readonly<Record<string, number>>;
}

async function makeModel(): Promise<Model> {
  const backbone = await registry.create("backbone", { use: "resnet38" }, undefined);
  const head = await registry.create("head", { use: "seam" }, {
    taps: backbone.taps,
    classes: CLASSES,
  });
  const specs = [...backbone.params, ...head.params];
  return new Model(backbone, head, ParamStore.create(specs, Rng.of(SEED)));
}

/** Creates smooth noise with a photograph's size and value range. */
function picture(width: number, height: number): Raster {
  const data = new Uint8Array(width * height * 3);
  const rng = Rng.of(SEED, "picture");
  const waves = Array.from({ length: 3 * 8 }, (_, i) => ({
    channel: i % 3,
    x: rng.uniform(-0.1, 0.1),
    y: rng.uniform(-0.1, 0.1),
    phase: rng.uniform(0, 2 * Math.PI),
  }));
  for (let i = 0; i < width * height; i++) {
    const x = i % width, y = Math.floor(i / width);
    for (let c = 0; c < 3; c++) {
      const sum = waves.filter(({ channel }) => channel === c)
        .reduce((total, wave) => total + Math.sin(wave.x * x + wave.y * y + wave.phase), 0);
      data[i * 3 + c] = Math.round(127.5 + 15.9 * sum);
    }
  }
  return { width, height, channels: 3, data };
}

function labels(): Float32Array {
  return Float32Array.from({ length: CLASSES }, (_, c) => PRESENT.includes(c) ? 1 : 0);
}

async function infer(
  model: Model,
  backend: BackendInfo,
  meter: PeakMeter,
  scale: number,
  flip: boolean,
): Promise<Row> {
  const image = picture(500, 375);
  const { result, ...cost } = await meter.measure(() =>
    multiScaleCam(model, image, labels(), {
      scales: [scale],
      flip,
      output: "cam_rv",
      scoresFrom: "cam",
    })
  );
  await backend.check();
  backend.purge();
  const means = [...result.cams.maps].map(([c, map]) => [
    `mean CAM of class ${c}`,
    map.reduce((sum, value) => sum + value, 0) / map.length,
  ]);
  const scores = PRESENT.map((c) => [`score of class ${c}`, result.scores[c]!]);
  return {
    what: `infer 500x375 at scale ${scale}${
      flip ? " and its mirror image" : ""
    } on ${backend.name}`,
    ...cost,
    numbers: Object.fromEntries([...means, ...scores]),
  };
}

/** How {@linkcode train} takes its step. */
interface StepOptions {
  readonly recompute?: "blocks";
  /** GB of buffers beyond which free ones are released. */
  readonly memory?: number;
}

async function train(
  model: Model,
  backend: BackendInfo,
  meter: PeakMeter,
  { recompute, memory }: StepOptions,
): Promise<Row> {
  const size = 448, half = storesHalves();
  const method = await registry.create("method", {
    use: "seam",
    view: { use: "rescale", scale: 0.3 },
  }, undefined);
  const losses = await seamLosses(registry);
  const optimizer = await registry.create("optimizer", {
    use: "sgd",
    lr: 0.01,
    momentum: 0.0005,
    weightDecay: 0.0005,
  }, { params: model.params, totalSteps: 1 });
  const { result, ...cost } = await meter.measure(async () => {
    const bytes = picture(size, size).data as Uint8Array;
    const image = tf.tensor4d(Float32Array.from(bytes, (v) => v / 64 - 2), [1, size, size, 3]);
    const label = tf.tensor2d(labels(), [1, CLASSES]);
    const factor = half ? INITIAL_SCALE.factor : 1;
    const how = { ...recompute && { recompute }, factor };
    const { gradients: scaled, values } = wholeGradients(
      model,
      method,
      losses,
      image,
      label,
      SEED,
      how,
    );
    const gradients = half ? unscale(scaled, factor) : scaled;
    optimizer.update(gradients, 0);
    const read = await values.data();
    await backend.check();
    tf.dispose([gradients, values, image, label]);
    return read;
  });
  return {
    what: `train one SEAM step at ${size}x${size}, micro-batch 1, on ${backend.name}${
      half ? ", f16" : ""
    }${recompute ? `, recompute: ${recompute}` : ""}${
      memory === undefined ? "" : `, memory: ${memory}`
    }`,
    ...cost,
    numbers: Object.fromEntries(losses.map(({ name }, i) => [name, result[i]!])),
  };
}

const args = parseArgs(Deno.args, {
  string: ["backend", "scales", "precision", "memory"],
  boolean: ["flip", "recompute", "busy"],
  negatable: ["flip"],
  default: { backend: "webgpu", scales: "0.5,1,1.5,2", flip: true },
});
const scales = String(args["scales"]).split(",").map(Number);
const use = String(args["backend"]);
const memory = args["memory"] === undefined ? {} : { memory: Number(args["memory"]) };
const precision = args["precision"] === undefined ? {} : { precision: String(args["precision"]) };
const chosen = await registry.create("backend", { use, ...memory, ...precision }, undefined);
const backend = await chosen.prepare(ops);
const model = await makeModel();
const load = await Load.beforeMeasuring(args["busy"] === true);
using meter = new PeakMeter();
const runs = args._[0] === "train"
  ? [
    () =>
      train(model, backend, meter, {
        ...memory,
        ...args["recompute"] === true && { recompute: "blocks" },
      }),
  ]
  : scales.map((scale) => () => infer(model, backend, meter, scale, args["flip"] === true));
for (const run of runs) {
  const row = await run();
  print(JSON.stringify(row));
  await writeRows("full_size.json", [{ ...row, madeWith: await madeWith(backend, load, SEED) }]);
}
