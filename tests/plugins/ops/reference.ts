/** Float64 references: the definitions, as plain loops. */

/** An array with its shape, row-major. */
export interface Reference {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Options of {@linkcode conv2dReference}, all padding explicit. */
export interface ConvReferenceOptions {
  readonly stride: number;
  readonly dilation: number;
  /** Zeros before, by axis; what lies beyond the end is 0 too. */
  readonly pad: readonly [number, number];
  /** Output `[height, width]`. */
  readonly size: readonly [number, number];
}

/** Visits every product of a convolution with the flat indices of its factors and its result. */
function eachProduct(
  x: readonly number[],
  filter: readonly number[],
  options: ConvReferenceOptions,
  depthwise: boolean,
  visit: (xIndex: number, filterIndex: number, yIndex: number) => void,
): void {
  const [n, h, w, c] = x as [number, number, number, number];
  const [kh, kw, , last] = filter as [number, number, number, number];
  const { stride, dilation, pad, size: [oh, ow] } = options;
  const filters = depthwise ? c * last : last;
  for (let b = 0; b < n; b++) {
    for (let oy = 0; oy < oh; oy++) {
      for (let ox = 0; ox < ow; ox++) {
        for (let i = 0; i < kh; i++) {
          const y = oy * stride + i * dilation - pad[0];
          if (y < 0 || y >= h) continue;
          for (let j = 0; j < kw; j++) {
            const z = ox * stride + j * dilation - pad[1];
            if (z < 0 || z >= w) continue;
            for (let ci = 0; ci < c; ci++) {
              const xIndex = ((b * h + y) * w + z) * c + ci;
              const row = ((i * kw + j) * c + ci) * last;
              const out = ((b * oh + oy) * ow + ox) * filters;
              for (let d = 0; d < last; d++) {
                visit(xIndex, row + d, out + (depthwise ? ci * last + d : d));
              }
            }
          }
        }
      }
    }
  }
}

/** A convolution and both its gradients for a given gradient of the output. */
export function conv2dReference(
  x: Reference,
  filter: Reference,
  dy: Float64Array | undefined,
  options: ConvReferenceOptions,
  depthwise = false,
): { y: Float64Array; dx: Float64Array; dFilter: Float64Array } {
  const filters = depthwise ? filter.shape[2]! * filter.shape[3]! : filter.shape[3]!;
  const y = new Float64Array(x.shape[0]! * options.size[0] * options.size[1] * filters);
  const dx = new Float64Array(x.data.length), dFilter = new Float64Array(filter.data.length);
  eachProduct(x.shape, filter.shape, options, depthwise, (xi, fi, yi) => {
    y[yi]! += x.data[xi]! * filter.data[fi]!;
    if (dy === undefined) return;
    dx[xi]! += dy[yi]! * filter.data[fi]!;
    dFilter[fi]! += dy[yi]! * x.data[xi]!;
  });
  return { y, dx, dFilter };
}

/** max|got - want| / max(1, max|want|). */
export function error(got: ArrayLike<number>, want: ArrayLike<number>): number {
  if (got.length !== want.length) return Infinity;
  let difference = 0, scale = 1;
  for (let i = 0; i < want.length; i++) {
    const d = Math.abs(got[i]! - want[i]!);
    // A NaN is an infinite error, not one that every comparison passes over.
    difference = Math.max(difference, Number.isNaN(d) ? Infinity : d);
    scale = Math.max(scale, Math.abs(want[i]!));
  }
  return difference / scale;
}
