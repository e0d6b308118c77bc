/** Thresholds that the slider offers, as the studio counts them. */
export const ALPHAS = Array.from({ length: 101 }, (_, i) => i / 100);

/** Pixels without truth. */
const IGNORED = 255;

/**
 * The confusion matrix at a threshold.
 *
 * @param cells `[truth, strongest class, counts by how many thresholds it exceeds]`
 * @param {number} classes foreground classes
 * @param {number} index of the threshold
 * @returns {number[][]} pixels by true and predicted class
 */
export function confusionAt(cells, classes, index) {
  const matrix = Array.from({ length: classes + 1 }, () => new Array(classes + 1).fill(0));
  for (const [truth, strongest, counts] of cells) {
    counts.forEach((count, bin) => matrix[truth][bin > index ? strongest : 0] += count);
  }
  return matrix;
}

/** The confusion matrix of two masks; 255 of the prediction counts as background. */
export function confusionOf(truth, predicted, classes) {
  const matrix = Array.from({ length: classes + 1 }, () => new Array(classes + 1).fill(0));
  for (let i = 0; i < truth.length; i++) {
    if (truth[i] !== IGNORED) matrix[truth[i]][predicted[i] === IGNORED ? 0 : predicted[i]]++;
  }
  return matrix;
}

/** Intersection over union by class, background first; NaN where neither truth nor prediction show it. */
export function classIou(matrix) {
  return matrix.map((row, c) => {
    const truth = row.reduce((sum, count) => sum + count, 0);
    const predicted = matrix.reduce((sum, other) => sum + other[c], 0);
    return row[c] / (truth + predicted - row[c]);
  });
}

const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** mIoU of a split, percent: over all classes, those that never show counted as 0, as `evaluate` does. */
export function splitMiou(matrix) {
  return 100 * average(classIou(matrix).map((iou) => Number.isNaN(iou) ? 0 : iou));
}

/** mIoU of one image, percent: over the classes that its truth or its prediction shows; nothing without truth. */
export function imageMiou(matrix) {
  const shown = classIou(matrix).filter((iou) => !Number.isNaN(iou));
  return shown.length === 0 ? undefined : 100 * average(shown);
}

/** Mean and sample standard deviation. */
export function spread(values) {
  const mean = average(values);
  if (values.length < 2) return { mean };
  const sum = values.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(sum / (values.length - 1)) };
}

/**
 * A difference of two percentages with its sign, of which one that rounds to nothing has none.
 *
 * @param {number} difference
 * @returns {{ text: string, kind: "better" | "worse" | "" }}
 */
export function signed(difference) {
  const size = Math.abs(difference).toFixed(1);
  if (size === "0.0") return { text: size, kind: "" };
  return difference < 0
    ? { text: `−${size}`, kind: "worse" }
    : { text: `+${size}`, kind: "better" };
}
