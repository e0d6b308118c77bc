import { assertEquals } from "@std/assert";
import { runSeamstress } from "../command.ts";
import { SHORT_SEAM } from "../short_seam.ts";

/** Side of its images. */
export const SIDE = 32;

/** Pixels of an image that are clicked, or stated: x, y. */
export const PIXELS = [[9, 17], [10, 17]] as const;

/** How AffinityNet walks. */
export const WALK = { beta: 4, logt: 2 } as const;

/** How IRN walks. */
export const BOUNDARY_WALK = { beta: 2, logt: 3, radius: 3 } as const;

const RECIPE = `
name: networks
backend: wasm
dataset: { use: mini, size: ${SIDE} }
observers: [jsonl]
stages:
  ${SHORT_SEAM}
  - { id: cams, run: infer, from: seam, split: "val[0:4]", scales: [0.5, 1], store: float32 }
  - { id: score, run: evaluate, from: cams, metric: { use: miou, predictions: cams, alpha: 0.35 } }
  - { id: masks, run: refine, from: cams, refinements: [{ use: power-background, power: 4 }] }
  - id: aff
    run: train
    split: "val[0:4]"
    masks: masks
    backbone: tiny
    head: { use: affinity, low: t3, mid: t4, lowChannels: 4, midChannels: 4, deepChannels: 8 }
    method: affinity
    losses: [affinity]
    optimizer: { use: sgd, lr: 0.01, schedule: constant }
    batch: { size: 2 }
    workers: 0
    epochs: 1
    transforms: [normalize]
  - id: irn
    run: train
    split: "val[0:4]"
    masks: masks
    backbone: tiny
    head: { use: irn, width: 16 }
    method: { use: irn, radius: 3 }
    losses: [affinity, { use: displacement, radius: 3 }]
    optimizer: { use: sgd, lr: 0.01, schedule: constant }
    batch: { size: 2 }
    workers: 0
    epochs: 1
    transforms: [normalize]
  - id: within
    run: refine
    from: cams
    refinements:
      - use: boundary-walk
        from: irn
        beta: ${BOUNDARY_WALK.beta}
        logt: ${BOUNDARY_WALK.logt}
        radius: ${BOUNDARY_WALK.radius}
      - { use: threshold, alpha: 0.25 }
  - id: walk
    run: refine
    from: cams
    refinements:
      - { use: power-background, power: 4 }
      - { use: random-walk, from: aff, beta: ${WALK.beta}, logt: ${WALK.logt} }
`;

/** Runs SEAM, AffinityNet, IRN and their random walks, a few steps each. @returns the run folder, `FOLDER/runs/networks` */
export async function networkRun(folder: string): Promise<string> {
  const run = `${folder}/runs/networks`;
  await Deno.writeTextFile(`${folder}/networks.yaml`, RECIPE);
  const { code, err } = await runSeamstress(["run", `${folder}/networks.yaml`, "--out", run]);
  assertEquals(code, 0, err);
  return run;
}
