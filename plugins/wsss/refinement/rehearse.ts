import type { StageEstimate, StagePlan } from "../../../core/contracts/stage.ts";
import type { Work } from "../../../core/contracts/work.ts";
import { sumWork } from "../../forecast/work.ts";
import type { Use } from "../../../core/registry/plugin.ts";
import type { Raster } from "../../../core/data/sample.ts";
import { makeLinks, refineScores } from "./chain.ts";
import { type ClassScores, strongestClass } from "./class_scores.ts";
import { inParallel } from "../stages/in_parallel.ts";
import { resizeScores } from "./resize_scores.ts";

/** An image of a split, with which work on its scores is tried. */
export interface Subject {
  /** RGB uint8, as inference saw it. */
  readonly image: Raster;
  /** Size of its mask. */
  readonly size: Pick<Raster, "width" | "height">;
  /** What it has scores of. */
  readonly classes: readonly number[];
}

/** Side of the crop that is run once before anything is timed. */
const WARM_UP = 32;

/**
 * Creates artificial scores for an image before inference: bumps in 0..1, a different one per class.
 *
 * @param subject the image and its classes
 * @returns `[C,H,W]`
 */
export function madeUpScores({ image: { width, height }, classes }: Subject): ClassScores {
  const pixels = width * height;
  const data = new Float32Array(classes.length * pixels);
  for (let k = 0, at = 0; k < classes.length; k++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        data[at++] = (1 + Math.sin(k + 7 * x / width) * Math.cos(k + 5 * y / height)) / 2;
      }
    }
  }
  return { width, height, channels: classes.length, data, classes };
}

/** The top left corner of a subject. */
function corner({ image, classes }: Subject): Subject {
  const width = Math.min(image.width, WARM_UP), height = Math.min(image.height, WARM_UP);
  const data = new Uint8Array(width * height * image.channels);
  for (let y = 0; y < height; y++) {
    const from = y * image.width * image.channels, row = width * image.channels;
    data.set(image.data.subarray(from, from + row), y * row);
  }
  const size = { width, height };
  return { image: { ...size, channels: image.channels, data }, size, classes };
}

/**
 * Measures the refinement of images: once on corners, so that code is compiled and Workers run, then on the images, as
 * many at a time as a run has, each with scores that are made up.
 *
 * @param subjects images of the split
 * @param limit how many at a time
 * @param work on the scores of one
 * @returns seconds per image, of so many at a time
 */
export async function timeScores(
  subjects: readonly Subject[],
  limit: number,
  work: (scores: ClassScores, subject: Subject) => Promise<void>,
): Promise<number> {
  const count = Math.max(subjects.length, limit);
  const timed = async (prepare: (subject: Subject) => Subject) => {
    const items = subjects.map(prepare).map((subject) => ({
      subject,
      scores: madeUpScores(subject),
    }));
    const queue = Array.from({ length: count }, (_, i) => items[i % items.length]!);
    const began = performance.now();
    await inParallel(queue, limit, ({ subject, scores }) => work(scores, subject));
    return (performance.now() - began) / 1000 / count;
  };
  await timed(corner);
  return await timed((subject) => subject);
}

/**
 * Estimates the cost of refining a split: the refinements are tried on some of them. What a network of an earlier stage asks of
 * the device is traced instead, since it is not trained yet.
 *
 * @param refinements as a recipe lists them
 * @param subjects images of the split, at least one
 * @param images of the split
 * @param plan of the stage
 * @returns seconds and work of all images; a note alone where a refinement cannot be tried
 */
export async function rehearseRefinements(
  refinements: readonly Use<"refinement">[],
  subjects: readonly Subject[],
  images: number,
  plan: StagePlan,
): Promise<Pick<StageEstimate, "seconds" | "work" | "notes">> {
  const links = await makeLinks(refinements, plan.factory);
  try {
    const work: [Work, number][] = [];
    for (const { name, refinement } of links) {
      if (!refinement.open) continue;
      for (const { image } of subjects) {
        const asked = await refinement.rehearse?.(plan, image);
        if (!asked) {
          return {
            notes: [
              `time unknown: what ${name} reads of stage ${refinement.from} is not in this recipe`,
            ],
          };
        }
        work.push([asked, images / subjects.length]);
      }
    }
    // As many as the run has in flight.
    const limit = navigator.hardwareConcurrency + 1;
    const seconds = images * await timeScores(subjects, limit, async (scores, subject) => {
      const refined = await refineScores(links, scores, subject.image);
      strongestClass(await resizeScores(refined, subject.size));
    });
    const tried =
      `refinements were timed on ${subjects.length} images of the split with made-up scores`;
    return { seconds, ...work.length > 0 && { work: sumWork(work) }, notes: [tried] };
  } finally {
    for (const { refinement } of links) refinement.close?.();
  }
}
