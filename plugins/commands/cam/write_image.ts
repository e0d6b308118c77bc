import type { Raster } from "../../../core/data/sample.ts";
import { writeAtomic } from "../../../core/run/atomic.ts";
import { encodeRgbPng } from "../../images/png.ts";
import { writeMask } from "../../images/mask_store.ts";
import { classColours, paintHeat, paintMask } from "../../observers/report/pictures.ts";
import type { InferredPhotograph } from "../../wsss/inference/photograph.ts";

/**
 * Writes what a photograph gave: `NAME.png`, the mask as class numbers; `NAME.overlay.png`, the mask over the photograph;
 * `NAME.cam-CLASS.png`, each CAM over the photograph.
 *
 * @param folder of results; exists
 * @param name the photograph's
 * @param image RGB uint8
 * @param inferred what the network gave
 * @param classes names of the classes
 * @returns names of the files
 */
export async function writeImage(
  folder: string,
  name: string,
  image: Raster,
  { cams, mask }: InferredPhotograph,
  classes: readonly string[],
): Promise<readonly string[]> {
  const { width, height } = image;
  await writeMask(folder, name, { width, height, channels: 1, data: mask }, writeAtomic);
  const pictures = new Map<string, Raster>([
    [`${name}.overlay.png`, paintMask(image, mask, classColours(classes.length))],
  ]);
  for (const [c, map] of cams) {
    // A class may be named with a slash, which would be a folder.
    const label = classes[c]!.replaceAll(/[/\\]/g, "_");
    pictures.set(`${name}.cam-${label}.png`, paintHeat(image, new Map([[c, map]])));
  }
  for (const [file, picture] of pictures) {
    await writeAtomic(`${folder}/${file}`, encodeRgbPng(picture));
  }
  return [`${name}.png`, ...pictures.keys()];
}
