import * as tf from "@tensorflow/tfjs";
import type { StateDict } from "../../../core/contracts/state_dict.ts";
import { inference } from "../../../core/contracts/forward_context.ts";
import type { ParamSpec } from "../../../core/contracts/params.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import { lower } from "../../../plugins/commands/export/lower.ts";
import type { Program } from "../../../plugins/commands/export/program.ts";
import { type Recording, recordNetwork } from "../../../plugins/commands/export/record.ts";
import { readSafetensorsHeader } from "../../../plugins/formats/safetensors.ts";
import { plugins } from "../../../plugins/mod.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { Model } from "../../../plugins/wsss/training/model.ts";

const TINY_SEAM = {
  use: "seam",
  low: "t3",
  mid: "t4",
  lowChannels: 8,
  midChannels: 16,
  imageScale: 4,
};

/** Backbones, of golden files where those have them small, with a head. */
const NETWORKS: readonly (readonly [backbone: string | object, head: object])[] = [
  [{ use: "tiny" }, TINY_SEAM],
  [{ use: "tiny" }, { use: "deeplabv1" }],
  [{ use: "tiny" }, { use: "affinity", low: "t3", mid: "t4" }],
  [{ use: "mobilenetv2" }, { use: "cam" }],
  ["resnet50", { use: "cam" }],
  ["vgg16_bn", { use: "cam" }],
  ["vit", { use: "cam" }],
  ["mit", { use: "cam" }],
];

/** A network with random weights, an image and what the network makes of it here. */
export interface ExportedNetwork {
  readonly name: string;
  readonly recording: Recording;
  readonly program: Program;
  readonly params: readonly ParamSpec[];
  readonly weights: StateDict;
  /** `[1,3,H,W]`. */
  readonly image: Float32Array;
  readonly shape: readonly number[];
  /** Outputs as the head has them, maps channels first. */
  readonly outputs: Readonly<Record<string, Float32Array>>;
}

const planar = (x: tf.Tensor) => x.shape.length === 4 ? tf.transpose(x, [0, 3, 1, 2]) : x;

let networks: Promise<readonly ExportedNetwork[]> | undefined;

/** Every network, exported and computed here. */
export function exportedNetworks(): Promise<readonly ExportedNetwork[]> {
  return networks ??= exportAll();
}

async function exportAll(): Promise<readonly ExportedNetwork[]> {
  const registry = new Registry(plugins);
  const found: ExportedNetwork[] = [];
  for (const [given, headUse] of NETWORKS) {
    let use = given;
    if (typeof given === "string") {
      const path = `tests/fixtures/${given}.safetensors`;
      use = JSON.parse((await readSafetensorsHeader(path)).metadata["backbone"]!);
    }
    const classes = 3;
    const backbone = await registry.create("backbone", use as { use: string }, { classes });
    const head = await registry.create("head", headUse as { use: string }, {
      taps: backbone.taps,
      classes,
    });
    const [width, height] = [96, 64];
    const params = [...backbone.params, ...head.params];
    const recording = await recordNetwork({ backbone, head }, { width, height });
    const rng = Rng.of(7);
    const drawn = Float32Array.from({ length: 3 * width * height }, () => rng.uniform(-2, 2));
    const store = ParamStore.create(params, Rng.of(1));
    const image = tf.tensor4d(drawn, [1, height, width, 3]);
    const model = new Model(backbone, head, store);
    const outputs: Record<string, Float32Array> = {};
    const computed = tf.tidy(() => {
      const made = model.forward(image, inference);
      return Object.fromEntries(Object.entries(made).map(([key, x]) => [key, planar(x)]));
    });
    for (const [key, tensor] of Object.entries(computed)) {
      outputs[key] = await tensor.data<"float32">();
    }
    found.push({
      name: `${(use as { use: string }).use}_${(headUse as { use: string }).use}`,
      recording,
      program: lower(recording, params),
      params,
      weights: await store.toStateDict(),
      image: await planar(image).data<"float32">(),
      shape: [1, 3, height, width],
      outputs,
    });
    store.dispose();
    image.dispose();
    tf.dispose(computed);
  }
  return found;
}

/** A map channels first, such as a network's image, as tfjs has it: channels last. @param shape `[N,C,H,W]` */
export function channelsLast(
  data: Float32Array,
  [n, c, h, w]: readonly number[],
): Float32Array {
  const last = new Float32Array(data.length), area = h! * w!;
  for (let i = 0; i < n!; i++) {
    for (let k = 0; k < c!; k++) {
      for (let p = 0; p < area; p++) last[(i * area + p) * c! + k] = data[(i * c! + k) * area + p]!;
    }
  }
  return last;
}

/** Largest difference over the largest number. */
export function error(found: ArrayLike<number>, wanted: Float32Array): number {
  let most = 0, scale = 0;
  wanted.forEach((value, i) => {
    most = Math.max(most, Math.abs(found[i]! - value));
    scale = Math.max(scale, Math.abs(value));
  });
  return found.length === wanted.length ? most / scale : Infinity;
}
