import type { Raster } from "seamstress";
import { type ClassScores, type RefinementLink, refineScores } from "seamstress/wsss";
import type { Trial } from "./trials.ts";

/** Results of a chain's beginning, by the refinement that comes next. */
interface Node {
  readonly scores: ClassScores;
  readonly next: Map<RefinementLink, Node>;
}

/**
 * Refines the scores of an image by every trial; what several trials begin with is computed once.
 *
 * @param trials to apply
 * @param scores of the image
 * @param image RGB uint8 of the scores' size
 * @returns the refined scores, one trial after the other
 */
export async function* refineTrials(
  trials: readonly Trial[],
  scores: ClassScores,
  image: Raster,
): AsyncGenerator<ClassScores> {
  const root: Node = { scores, next: new Map() };
  for (const { links } of trials) {
    let node = root;
    for (const link of links) {
      let after = node.next.get(link);
      if (!after) {
        after = { scores: await refineScores([link], node.scores, image), next: new Map() };
        node.next.set(link, after);
      }
      node = after;
    }
    yield node.scores;
  }
}
