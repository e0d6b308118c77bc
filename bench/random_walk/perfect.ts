/**
 * How far would the random walk get with perfect affinities? The CAMs of a finished run are spread along the pairs that the true masks
 * say, 1 within a class and 0 across: an oracle, which bounds what any AffinityNet can add to these CAMs. Prints mIoU and IoU by class
 * in percent, at half the masks' size, by power of the background and number of steps.
 *
 *   deno run --allow-read bench/random_walk/perfect.ts RUN/stages/cams "train[0:100]"
 *
 * @module
 */
import {
  Registry,
  resizeNearest,
  roundHalfEven,
  type Score,
  type Use,
  userError,
} from "seamstress";
import { plugins } from "seamstress/plugins";
import { ARTIFACTS, readCams, strongestClass } from "seamstress/wsss";
import { randomWalk } from "../../plugins/affinitynet/random_walk/walk.ts";
import { print } from "../measure/print.ts";
import { openStage } from "./open_stage.ts";
import { perfectAffinity } from "./perfect_affinity.ts";

/** The authors' stride. */
const STRIDE = 8;
const SCALE = 0.5;
const POWERS = [1.5, 2, 3];
/** Steps of the walk; none: the CAMs against the background alone. */
const STEPS = [undefined, 0, 2, 4, 6, 8];

const [stage, split] = Deno.args;
if (stage === undefined || split === undefined) {
  throw userError(new TypeError("Cannot walk: expected the folder of a stage of CAMs and a split"));
}
const registry = new Registry(plugins);
const { info, dataset } = await openStage(stage, ARTIFACTS.cams, split, registry);
const metric = await registry.create("metric", { use: "miou", predictions: "masks" }, undefined);

/** A setting, and the score of its masks. */
interface Trial {
  readonly power: number;
  readonly logt: number | undefined;
  readonly score: Score;
}
const trials = POWERS.flatMap((power) =>
  STEPS.map((logt): Trial => ({ power, logt, score: metric.start(dataset.classes) }))
);
const backgrounds = await Promise.all(
  POWERS.map((power) => {
    const background: Use<"refinement"> = { use: "power-background", power };
    return registry.create("refinement", background, undefined);
  }),
);

for (let i = 0; i < dataset.length; i++) {
  const name = dataset.name(i);
  const [{ cams }, { image, mask, label }] = await Promise.all([
    readCams(`${stage}/${info.cams}`, name),
    dataset.read(i, { mask: true }),
  ]);
  if (!cams || !mask) throw new TypeError(`Cannot walk on ${name}: it has no CAMs or no mask`);
  const { width, height } = cams;
  const present = [...cams.maps].toSorted(([a], [b]) => a - b);
  const data = new Float32Array(present.length * width * height);
  for (const [k, [, map]] of present.entries()) {
    data.set(map.map((value) => Math.max(value, 0)), k * width * height);
  }
  const affinity = perfectAffinity(resizeNearest(mask, width, height), STRIDE);
  const half = (side: number) => Math.max(roundHalfEven(side * SCALE), 1);
  const size = { width: half(mask.width), height: half(mask.height) };
  const truth = resizeNearest(mask, size.width, size.height).data as Uint8Array;
  for (const { power, logt, score } of trials) {
    const scores = await backgrounds[POWERS.indexOf(power)]!.refine(
      { width, height, channels: present.length, data },
      image,
    );
    const walked = logt === undefined
      ? scores
      : randomWalk(scores, affinity, { beta: 1, logt, stride: STRIDE });
    const found = strongestClass({ ...walked, classes: [0, ...present.map(([c]) => 1 + c)] });
    const guess = resizeNearest(found, size.width, size.height).data as Uint8Array;
    score.add({ name, ...size, mask: guess, truth: { label, mask: truth } });
  }
}
for (const { power, logt, score } of trials) {
  const steps = logt === undefined ? 0 : 2 ** logt;
  const rows = Object.fromEntries(score.table().rows);
  print(JSON.stringify({ power, steps, ...rows }));
}
