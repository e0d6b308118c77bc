import type { StageEstimate, StagePlan } from "../../../core/contracts/stage.ts";
import { trace } from "../../../core/estimate/trace.ts";
import { sumWork, type Work } from "../../../core/estimate/work.ts";
import { Model } from "../../../core/model.ts";
import type { Maker, Use } from "../../../core/plugin.ts";
import type { Sample } from "../../../core/sample.ts";
import { findSource } from "../source.ts";
import { zeroParameters } from "../train/parameters.ts";
import { multiScaleCam } from "./multi_scale_cam.ts";
import { reduceLongSide } from "./reduce.ts";

/** Images whose inference is traced, spread evenly over the split. */
const TRACED = 4;

/** Bytes of an image's file besides its numbers. */
const HEADER = 256;

/** What inference is told. */
interface Settings {
  readonly from: string;
  readonly split: string;
  readonly scales: readonly number[];
  readonly flip: boolean;
  readonly output?: string | undefined;
  readonly longSide?: number | undefined;
  readonly save: readonly ("cams" | "scores")[];
}

/** Backbone and head that an earlier stage of this recipe will train. */
async function plannedNetwork(
  options: Readonly<Record<string, unknown>>,
  classes: number,
  maker: Maker,
) {
  if (!options["backbone"] || !options["head"]) return undefined;
  const { weights: _, ...use } = options["backbone"] as Use<"backbone">;
  const backbone = await maker.create("backbone", use as Use<"backbone">, undefined);
  const args = { taps: backbone.taps, classes };
  return { backbone, head: await maker.create("head", options["head"] as Use<"head">, args) };
}

/**
 * What inference will take: that of a few images of the split, traced without computing, times their number.
 *
 * @param settings of the stage
 * @param plan of the stage
 * @returns peak memory of the largest traced image, work and files of all; only the number of images where the network comes from
 *   elsewhere than this recipe
 */
export async function estimateInference(
  settings: Settings,
  plan: StagePlan,
): Promise<StageEstimate> {
  const { maker, base } = plan;
  const { split, scales, flip, longSide, save } = settings;
  const dataset = await maker.create("dataset", plan.dataset, { split, base });
  const images = dataset.length;
  const classes = dataset.classes.length;
  const source = await findSource(plan, settings.from, "checkpoint");
  const network = await plannedNetwork(source.options, classes, maker);
  if (!network) return { reads: split, images };
  const { outputs } = network.head;
  const output = settings.output ?? (outputs.includes("cam_rv") ? "cam_rv" : "cam");
  const scoresFrom = outputs.includes("cam") ? "cam" : output;
  const chosen = Math.min(TRACED, images);
  const work: (readonly [Work, number])[] = [];
  let peakBytes = 0, writeBytes = 0, parameters = 0;
  for (let i = 0; i < chosen; i++) {
    const index = Math.floor(i * images / chosen);
    const { image, label }: Sample = await dataset.read(index, { mask: false });
    const reduced = reduceLongSide(image, longSide);
    const traced = await trace(async () => {
      const params = zeroParameters(network);
      const model = new Model(network.backbone, network.head, params);
      await multiScaleCam(model, reduced, label, { scales, flip, output, scoresFrom });
      params.dispose();
    });
    work.push([traced.work, images / chosen]);
    peakBytes = Math.max(peakBytes, traced.peakBytes);
    const maps = label.reduce((sum, value) => sum + value, 0) * reduced.width * reduced.height;
    const numbers = (save.includes("cams") ? maps : 0) + (save.includes("scores") ? classes : 0);
    writeBytes += (HEADER + 4 * numbers) * images / chosen;
  }
  for (const { shape } of [...network.backbone.params, ...network.head.params]) {
    parameters += shape.reduce((product, size) => product * size, 1);
  }
  return {
    reads: split,
    images,
    parameters,
    writeBytes: Math.round(writeBytes),
    peakBytes,
    work: sumWork(work),
    notes: [`${chosen} images of the split were traced, the peak is the largest one's`],
  };
}
