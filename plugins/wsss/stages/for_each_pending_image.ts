import type { Dataset } from "../../../core/contracts/dataset.ts";
import type { StageContext } from "../../../core/contracts/stage.ts";
import { hasMask } from "../../images/mask_store.ts";
import { pendingImages } from "./pending_images.ts";
import type { RefinementLink } from "../refinement/chain.ts";
import { forEachImage } from "./for_each_image.ts";
import { ImageShare } from "./image_share.ts";

/** Folder of a stage's masks within its own. */
export const MASKS = "masks";

/**
 * Works on this rank's images of a split, those that have no mask in the stage's folder yet, several at a time, with progress. Refinements are open
 * meanwhile.
 *
 * @param context of the stage
 * @param dataset the split's images
 * @param links refinements that `work` applies
 * @param work writes what is kept of the image of an index into a folder, its mask last
 * @throws the first failure, when all that was under way has ended
 */
export async function forEachPendingImage(
  context: StageContext,
  dataset: Dataset,
  links: readonly RefinementLink[],
  work: (index: number, masks: string) => Promise<void>,
): Promise<void> {
  const masks = `${context.folder}/${MASKS}`;
  await Deno.mkdir(masks, { recursive: true });
  const share = await ImageShare.open(
    context,
    dataset.length,
    () => pendingImages(dataset, (name) => hasMask(masks, name)),
  );
  await forEachImage(context, share, links, (index) => work(index, masks));
}
