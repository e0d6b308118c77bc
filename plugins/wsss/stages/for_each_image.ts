import type { StageContext } from "../../../core/contracts/stage.ts";
import { inParallel } from "../../formats/in_parallel.ts";
import type { RefinementLink } from "../refinement/chain.ts";
import type { ImageShare } from "./image_share.ts";

/**
 * Works on a rank's images, several at a time, with progress. Refinements are open meanwhile.
 *
 * @param context of the stage
 * @param share the rank's images; ended when all are done
 * @param links refinements that `work` applies, each once
 * @param work on the image of an index
 * @throws the first failure, when all that was under way has ended
 */
export async function forEachImage(
  context: StageContext,
  share: ImageShare,
  links: readonly RefinementLink[],
  work: (index: number) => Promise<void>,
): Promise<void> {
  try {
    for (const { refinement } of links) await refinement.open?.(context);
    // One more than this rank has cores: files are read and written while others are computed.
    const cores = Math.ceil(navigator.hardwareConcurrency / context.group.localSize);
    await inParallel(share.indices, cores + 1, async (index) => {
      await work(index);
      await share.finish();
    });
    await share.end();
  } finally {
    for (const { refinement } of links) refinement.close?.();
  }
}
