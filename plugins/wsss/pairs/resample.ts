import type { Scores } from "../../../core/contracts/refinement.ts";

/**
 * Averages squares of pixels, on scores that are padded with zeros below and to the right to full squares, as the authors' `np.pad` and
 * `avg_pool2d` do.
 *
 * @param scores `[C,H,W]`
 * @param stride edge of a square
 * @returns `[C,⌈H/stride⌉,⌈W/stride⌉]`
 */
export function averagePool(
  { width, height, channels, data }: Scores,
  stride: number,
): Float64Array {
  const rows = Math.ceil(height / stride), columns = Math.ceil(width / stride);
  const out = new Float64Array(channels * rows * columns);
  const share = 1 / (stride * stride);
  for (let c = 0, from = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const row = (c * rows + Math.floor(y / stride)) * columns;
      for (let x = 0; x < width; x++) out[row + Math.floor(x / stride)]! += share * data[from++]!;
    }
  }
  return out;
}

/** Where an output pixel reads along one axis. */
interface Tap {
  readonly low: number;
  readonly high: number;
  /** Share of `high`. */
  readonly part: number;
}

/** PyTorch's `align_corners=False`: pixel areas map onto each other. */
function taps(length: number, from: number, stride: number): readonly Tap[] {
  return Array.from({ length }, (_, i) => {
    const at = Math.max((i + 0.5) / stride - 0.5, 0);
    const low = Math.min(Math.floor(at), from - 1);
    return { low, high: Math.min(low + 1, from - 1), part: at - low };
  });
}

/**
 * Enlarges maps by a whole factor, bilinear with `align_corners=False`, and cuts off what padding added.
 *
 * @param maps `[C,⌈H/stride⌉,⌈W/stride⌉]`
 * @param size channels, height and width wanted
 * @param stride the factor
 * @returns `[C,H,W]`
 */
export function upsample(
  maps: Float64Array,
  size: Pick<Scores, "channels" | "height" | "width">,
  stride: number,
): Scores {
  const { channels, height, width } = size;
  const rows = Math.ceil(height / stride), columns = Math.ceil(width / stride);
  const down = taps(height, rows, stride), across = taps(width, columns, stride);
  const data = new Float32Array(channels * height * width);
  for (let c = 0, to = 0; c < channels; c++) {
    for (const y of down) {
      const upper = (c * rows + y.low) * columns, lower = (c * rows + y.high) * columns;
      for (const x of across) {
        const top = maps[upper + x.low]! * (1 - x.part) + maps[upper + x.high]! * x.part;
        const bottom = maps[lower + x.low]! * (1 - x.part) + maps[lower + x.high]! * x.part;
        data[to++] = top * (1 - y.part) + bottom * y.part;
      }
    }
  }
  return { channels, height, width, data };
}
