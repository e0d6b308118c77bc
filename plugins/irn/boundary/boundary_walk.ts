import { type Scores, userError } from "seamstress";
import { averagePool, pairTransition, upsample, walkSteps } from "seamstress/wsss";
import { pairPaths } from "./paths.ts";

/** A map of class boundaries. */
export interface Boundaries {
  /** In pixels of the map. */
  readonly height: number;
  /** In pixels of the map. */
  readonly width: number;
  /** `[height,width]` in 0..1. */
  readonly data: Float32Array;
}

/** Options of the walk. */
export interface BoundaryWalkOptions {
  /** Elementwise power of the affinities, > 0. */
  readonly beta: number;
  /** Log2 of the number of steps. */
  readonly logt: number;
  /** Pairs are closer than it. */
  readonly radius: number;
  /** Pixels of the image per pixel of the boundaries. */
  readonly stride: number;
}

/** The authors' settings. */
export const BOUNDARY_WALK: BoundaryWalkOptions = { beta: 10, logt: 8, radius: 5, stride: 4 };

/** Every pair of the map once, with its affinity to the power of beta. */
function pairsOf({ height, width, data }: Boundaries, beta: number, radius: number) {
  const paths = pairPaths(radius);
  const from: number[] = [], to: number[] = [], values: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const { offset: [dy, dx], path } of paths) {
        if (y + dy >= height || x + dx < 0 || x + dx >= width) continue;
        let most = 0;
        for (const [py, px] of path) most = Math.max(most, data[(y + py) * width + x + px]!);
        from.push(y * width + x);
        to.push((y + dy) * width + x + dx);
        values.push((1 - most) ** beta);
      }
    }
  }
  return {
    from: Int32Array.from(from),
    to: Int32Array.from(to),
    values: Float64Array.from(values),
  };
}

/**
 * Walks maps along the affinities that boundaries give: what stands on a boundary does not walk. The authors' `propagate_to_edge`, which
 * pads the map with boundaries so that pixels at its border have pairs too; here pairs simply end there.
 *
 * @param maps `[C,h,w]`
 * @param boundaries of their size
 * @param options of the walk
 * @returns `[C,h,w]`
 */
export function walkMaps(
  maps: Float64Array,
  boundaries: Boundaries,
  { beta, logt, radius }: Omit<BoundaryWalkOptions, "stride">,
): Float64Array {
  const { height, width, data } = boundaries;
  const size = height * width;
  const transition = pairTransition(size, pairsOf(boundaries, beta, radius));
  const inside = maps.map((value, i) => value * (1 - data[i % size]!));
  return walkSteps(transition, inside, 2 ** logt);
}

/**
 * Spreads class scores within class boundaries (author code `make_sem_seg_labels.py`): reduced to the boundaries' size, walked, enlarged,
 * divided by the largest score of all classes.
 *
 * @param scores of the classes, `[C,H,W]`
 * @param boundaries of ⌈H/stride⌉ x ⌈W/stride⌉ pixels
 * @param options of the walk
 * @returns `[C,H,W]`, at most 1; scores without any above 0 stay as they are
 * @throws {RangeError} where the sizes do not fit, or a boundary is not in 0..1
 */
export function boundaryWalk(
  scores: Scores,
  boundaries: Boundaries,
  options: BoundaryWalkOptions = BOUNDARY_WALK,
): Scores {
  const { stride } = options;
  check(scores, boundaries, stride);
  const walked = walkMaps(averagePool(scores, stride), boundaries, options);
  const large = upsample(walked, scores, stride);
  const most = large.data.reduce((max, value) => Math.max(max, value), 0);
  if (most > 0) large.data.forEach((value, i) => large.data[i] = value / most);
  return large;
}

function check(
  { width, height }: Scores,
  { width: columns, height: rows, data }: Boundaries,
  stride: number,
): void {
  const wanted = [Math.ceil(height / stride), Math.ceil(width / stride)] as const;
  if (rows !== wanted[0] || columns !== wanted[1]) {
    throw userError(
      new RangeError(
        `Cannot walk on scores of ${width}x${height} pixels: at stride ${stride} they need boundaries of ` +
          `${wanted[1]}x${wanted[0]}, given are ${columns}x${rows}`,
      ),
    );
  }
  const bad = data.findIndex((value) => !(value >= 0 && value <= 1));
  if (bad >= 0) {
    throw userError(
      new RangeError(
        `Cannot walk on a ${columns}x${rows} map: boundary ${bad} is ${
          data[bad]
        }; boundaries must be in 0..1`,
      ),
    );
  }
}
