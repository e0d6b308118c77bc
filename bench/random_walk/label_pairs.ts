/**
 * How right are the labels that AffinityNet learns from? Compares what a finished stage `affinity-labels` says of pixel pairs with what the
 * true masks say, and prints, in percent: of the pairs that are labelled of a kind, how many truly are of which; of the pairs that truly
 * lead across an edge, how many are labelled as what. Pairs of which the true masks say nothing are left out.
 *
 *   deno run --allow-read bench/random_walk/label_pairs.ts RUN/stages/affinity-labels "train[0:60]"
 *
 * @module
 */
import { readMask, Registry, resizeNearest, userError } from "seamstress";
import { plugins } from "seamstress/plugins";
import { ARTIFACTS, reducedSize } from "seamstress/wsss";
import { print } from "../measure/print.ts";
import { countPairs, type Kind, KINDS, noPairs } from "./count_pairs.ts";
import { mapClasses } from "./map_classes.ts";
import { openStage } from "./open_stage.ts";

/** The authors' stride, and the long side that AffinityNet sees in recipes/voc-animals/full.yaml. */
const STRIDE = 8, LONG_SIDE = 400;

const [stage, split] = Deno.args;
if (stage === undefined || split === undefined) {
  throw userError(
    new TypeError("Cannot compare labels: expected the folder of a stage of labels and a split"),
  );
}
const { info, dataset } = await openStage(stage, ARTIFACTS.masks, split, new Registry(plugins));

const counts = noPairs();
for (let i = 0; i < dataset.length; i++) {
  const name = dataset.name(i);
  const [labels, { mask }] = await Promise.all([
    readMask(`${stage}/${info.masks}`, name, dataset.classes.length),
    dataset.read(i, { mask: true }),
  ]);
  if (!mask) throw new TypeError(`Cannot compare labels of ${name}: it has no true mask`);
  const { width, height } = reducedSize(mask, LONG_SIDE);
  const small = (raster: typeof mask) => mapClasses(resizeNearest(raster, width, height), STRIDE);
  countPairs(counts, small(labels), small(mask));
}

const known = KINDS.filter((kind) => kind !== "ignored");
const percent = (part: number, all: number) => Math.round(1000 * part / Math.max(all, 1)) / 10;
const of = (all: number, count: (kind: Kind) => number, kinds: readonly Kind[]) =>
  Object.fromEntries(kinds.map((kind) => [kind, percent(count(kind), all)]));
for (const kind of KINDS) {
  const row = counts[kind], pairs = known.reduce((sum, truth) => sum + row[truth], 0);
  print(JSON.stringify({ labelled: kind, pairs, truly: of(pairs, (truth) => row[truth], known) }));
}
const across = KINDS.reduce((sum, kind) => sum + counts[kind].negative, 0);
print(
  JSON.stringify({ acrossEdges: across, labelled: of(across, (k) => counts[k].negative, KINDS) }),
);
