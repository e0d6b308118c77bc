import type { StageEstimate, StagePlan } from "../../../core/contracts/stage.ts";
import { trace } from "../../forecast/trace.ts";
import type { Work } from "../../../core/contracts/work.ts";
import { sumWork } from "../../forecast/work.ts";
import { Model } from "../training/model.ts";
import type { Sample } from "../../../core/data/sample.ts";
import { exampleImages } from "./example_images.ts";
import { ARTIFACTS } from "../stages/artifacts.ts";
import { plannedNetwork } from "../stages/planned_network.ts";
import { zeroParameters } from "../training/parameters.ts";

/** What is inferred, and how. */
export interface Inference {
  /** Stage that trains the network. */
  readonly from: string;
  /** Whose images are inferred. */
  readonly split: string;
  /** Whether the split may lack labels. */
  readonly unlabelled?: boolean;
  /** Runs the network on one image. */
  infer(model: Model, sample: Sample): Promise<unknown>;
  /** Bytes that it writes of one image. */
  bytes(sample: Sample): number;
}

/**
 * Estimates the cost of inference: that of a few images of the split, traced without computing, times their number.
 *
 * @param inference what is inferred
 * @param plan of the stage
 * @returns peak memory of the largest traced image, work and files of all; only the number of images where the network comes from
 *   elsewhere than this recipe
 */
export async function estimateImages(
  inference: Inference,
  plan: StagePlan,
): Promise<StageEstimate> {
  const { factory, base, ranks = 1 } = plan;
  const { split, unlabelled = false } = inference;
  const dataset = await factory.create("dataset", plan.dataset, { split, base, unlabelled });
  const images = dataset.length;
  const { facts } = await plan.earlier(inference.from, ARTIFACTS.checkpoint);
  const network = await plannedNetwork(facts, dataset.classes.length, factory);
  if (!network) return { reads: split, images };
  const chosen = exampleImages(images);
  const work: (readonly [Work, number])[] = [];
  let peakBytes = 0, writeBytes = 0, parameters = 0;
  for (const index of chosen) {
    const sample = await dataset.read(index, { mask: false });
    const traced = await trace(async () => {
      const params = zeroParameters(network);
      await inference.infer(new Model(network.backbone, network.head, params), sample);
      params.dispose();
    });
    work.push([traced.work, images / chosen.length]);
    peakBytes = Math.max(peakBytes, traced.held.used);
    writeBytes += inference.bytes(sample) * images / chosen.length;
  }
  for (const { shape } of [...network.backbone.params, ...network.head.params]) {
    parameters += shape.reduce((product, size) => product * size, 1);
  }
  return {
    reads: split,
    images,
    parameters,
    writeBytes: Math.round(writeBytes),
    // Every rank has a network and an image of its own.
    peakBytes: peakBytes * ranks,
    work: sumWork(work),
    notes: [`${chosen.length} images of the split were traced, the peak is the largest one's`],
  };
}
