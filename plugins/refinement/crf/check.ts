import { type Raster, type Scores, userError } from "seamstress";

/** Tolerance for rounding above a probability of 1. */
const SLACK = 1e-3;

/**
 * Validates the input of a dense CRF. Scores need not sum to one: a common factor per pixel cancels in the softmax.
 *
 * @param scores class scores, 0..1
 * @param image RGB uint8 of the same size
 * @throws {RangeError} where sizes differ, or a score is NaN or outside 0..1
 * @throws {TypeError} where the image is not RGB uint8
 */
export function checkCrfInput(scores: Scores, image: Raster): void {
  const { width, height, channels, data } = scores;
  const size = (of: { width: number; height: number }) => `${of.width}x${of.height}`;
  if (image.channels !== 3 || !(image.data instanceof Uint8Array)) {
    const found = `${image.channels} channels of ${image.data.constructor.name}`;
    throw userError(
      new TypeError(`Cannot run the dense CRF on ${found}: the image must be RGB bytes`),
    );
  }
  if (image.width !== width || image.height !== height) {
    throw userError(
      new RangeError(
        `Cannot run the dense CRF: scores are ${size(scores)}, the image is ${size(image)}; ` +
          "they must have the same size",
      ),
    );
  }
  const pixels = width * height;
  if (channels < 1 || pixels < 1 || data.length !== channels * pixels) {
    throw userError(
      new RangeError(
        `Cannot run the dense CRF: ${data.length} scores were given for ${channels} labels of ` +
          `${size(scores)} pixels; at least one label and pixel are needed`,
      ),
    );
  }
  if (image.data.length !== 3 * pixels) {
    throw userError(
      new RangeError(
        `Cannot run the dense CRF: the image has ${image.data.length} bytes, ${size(image)} RGB ` +
          `pixels need ${3 * pixels}`,
      ),
    );
  }
  const bad = firstOutside(data);
  if (bad < 0) return;
  const label = Math.floor(bad / pixels), pixel = bad % pixels;
  throw userError(
    new RangeError(
      `Cannot run the dense CRF: the score of label ${label} at x ${pixel % width}, ` +
        `y ${Math.floor(pixel / width)} is ${data[bad]}; scores must be probabilities, 0..1`,
    ),
  );
}

function firstOutside(scores: Float32Array): number {
  for (let i = 0; i < scores.length; i++) {
    // Written so that NaN fails the test.
    if (!(scores[i]! >= 0 && scores[i]! <= 1 + SLACK)) return i;
  }
  return -1;
}
