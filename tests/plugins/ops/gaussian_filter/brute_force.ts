/** A Gaussian of position and colour between all pixels of an image, `[pixels][pixels]` in float64, by its definition. */
export function denseKernel(
  points: ArrayLike<number>,
  dimensions: number,
): readonly Float64Array[] {
  const pixels = points.length / dimensions;
  return Array.from({ length: pixels }, (_, i) =>
    Float64Array.from({ length: pixels }, (_, j) => {
      let squared = 0;
      for (let d = 0; d < dimensions; d++) {
        squared += (points[i * dimensions + d]! - points[j * dimensions + d]!) ** 2;
      }
      return Math.exp(-squared / 2);
    }));
}

/** Multiplies the kernel with values. */
export function filtered(kernel: readonly Float64Array[], values: ArrayLike<number>): Float64Array {
  return Float64Array.from(
    kernel,
    (row) => row.reduce((sum, weight, j) => sum + weight * values[j]!, 0),
  );
}
