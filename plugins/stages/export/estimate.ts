import type { Dataset, Sample, StageEstimate } from "seamstress";
import { exampleImages } from "seamstress/wsss";

/** The files of one image, and their bytes. */
export interface WrittenFiles {
  /** Whether masks are read for it. */
  readonly mask: boolean;
  /** Bytes that are written of one image. */
  bytes(sample: Sample): number | Promise<number>;
}

/**
 * Estimates the files of a stage from those of a few images, times the number of images.
 *
 * @param splits name → opened split
 * @param written what is written of an image
 * @returns images and bytes
 */
export async function estimateFiles(
  splits: Readonly<Record<string, Dataset>>,
  { mask, bytes }: WrittenFiles,
): Promise<StageEstimate> {
  let images = 0, writeBytes = 0;
  for (const dataset of Object.values(splits)) {
    const chosen = exampleImages(dataset.length);
    for (const index of chosen) {
      const sample = await dataset.read(index, { mask });
      writeBytes += await bytes(sample) * dataset.length / chosen.length;
    }
    images += dataset.length;
  }
  return { reads: Object.keys(splits).join(", "), images, writeBytes: Math.round(writeBytes) };
}
