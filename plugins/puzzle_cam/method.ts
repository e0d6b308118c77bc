import * as z from "zod";
import { definePlugin, type Method, type PlannedTraining, userError } from "seamstress";
import { classifierTap, tiledPass } from "seamstress/wsss";

/** Fails where tiles are no whole pixels of the classifier's map: together they would have more of them than the image. */
async function checkSize({ id, taps, inputSize }: PlannedTraining, pieces: number): Promise<void> {
  const { width, height } = await inputSize();
  const side = pieces * classifierTap(taps).stride;
  if (width % side === 0 && height % side === 0) return;
  throw userError(
    new RangeError(
      `Cannot plan stage ${id}: images of ${width}x${height} do not split into ${pieces}x${pieces} tiles of whole pixels of the ` +
        `class maps; crop to multiples of ${side}, such as { use: random-crop, size: ${
          side * Math.max(Math.round(Math.max(width, height) / side), 1)
        } }`,
    ),
  );
}

/**
 * Puzzle-CAM's step (Jo & Yu, ICIP 2021, section 2; author code `train_classification_with_puzzle.py`): the network sees the image
 * (view 0) and its tiles, whose maps are put together (view 1).
 */
export const puzzleCamMethod = definePlugin({
  kind: "method",
  name: "puzzle-cam",
  summary: "the whole image, and the maps of its tiles put together",
  options: z.strictObject({
    pieces: z.int().min(2).default(2).describe(
      "tiles a side; 2 in the paper, which counts 4 tiles",
    ),
  }),
  create: ({ pieces }): Method => ({
    provides: ["tiles"],
    needs: [],
    check: (training) => checkSize(training, pieces),
    step({ image, targets }, { model, context }) {
      const whole = model.forward(image, context(0));
      const tiles = tiledPass(model, image, { rows: pieces, columns: pieces }, context(1));
      return { targets, views: [whole, tiles] };
    },
  }),
});
