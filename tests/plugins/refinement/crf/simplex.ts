const f32 = Math.fround;
/** Added to and taken from a small double, it leaves the nearest integer, halves to even: what SSE's rounding does. */
const ROUND = 1.5 * 2 ** 52;

/**
 * The simplex of the permutohedral lattice that encloses a point (Adams, Baek, Davis, "Fast High-Dimensional Filtering Using the
 * Permutohedral Lattice", 2010, sections 3.1 and 3.2). Computes in float32, operation by operation as Krähenbühl's code does: on a
 * face between two simplices rounding decides which vertices the lattice gets.
 */
export class Simplex {
  /** Barycentric coordinates of the enclosed point, `[d + 1]`: the weight of the vertex with each remainder. */
  readonly weights: Float64Array;
  /** Coordinates of the vertex with remainder 0, `[d + 1]`, multiples of d + 1. */
  readonly #origin: Int32Array;
  /** Coordinate by descending distance from that vertex, `[d + 1]`. */
  readonly #order: Int32Array;
  readonly #scale: Float32Array;
  readonly #elevated: Float64Array;
  readonly #offset: Float64Array;
  readonly #rank: Int32Array;

  /** @param dimensions d, of the points */
  constructor(readonly dimensions: number) {
    const corners = dimensions + 1;
    this.weights = new Float64Array(corners + 1);
    this.#origin = new Int32Array(corners);
    this.#order = new Int32Array(corners);
    this.#elevated = new Float64Array(corners);
    this.#offset = new Float64Array(corners);
    this.#rank = new Int32Array(corners);
    // The blur has a variance of 2/3 (d + 1)^2 in every direction: the scale makes it 1.
    const deviation = f32(Math.sqrt(2 / 3) * corners);
    this.#scale = Float32Array.from(
      { length: dimensions },
      (_, i) => 1 / Math.sqrt((i + 2) * (i + 1)) * deviation,
    );
  }

  /**
   * Finds the simplex around a point and the point's `weights` in it.
   *
   * @param points `[n][d]`, in standard deviations of the filter
   * @param at index of the point's first coordinate
   */
  enclose(points: Float32Array, at: number): void {
    this.#elevate(points, at);
    this.#sortOffsets(this.#round());
    this.#weigh();
  }

  /**
   * Gives the key of the vertex with remainder 0: all but the last of its coordinates, which add up to 0.
   *
   * @param key receives it, `[>= d]`
   */
  firstVertex(key: Int32Array): void {
    for (let i = 0; i < this.dimensions; i++) key[i] = this.#origin[i]!;
  }

  /**
   * Goes from the vertex with remainder r - 1 to that with remainder r: one further in every coordinate, but back by d + 1 in the one
   * that is r-th from the end.
   *
   * @param key the vertex before, changed in place
   * @param remainder r, 1..d
   */
  nextVertex(key: Int32Array, remainder: number): void {
    const d = this.dimensions;
    for (let i = 0; i < d; i++) key[i]!++;
    const back = this.#order[d + 1 - remainder]!;
    if (back < d) key[back]! -= d + 1;
  }

  /** Puts the point on the hyperplane of the lattice (equation for E, page 5). */
  #elevate(points: Float32Array, at: number): void {
    const elevated = this.#elevated, scale = this.#scale;
    let sum = 0;
    for (let i = this.dimensions; i > 0; i--) {
      const scaled = f32(points[at + i - 1]! * scale[i - 1]!);
      elevated[i] = f32(sum - f32(i * scaled));
      sum = f32(sum + scaled);
    }
    elevated[0] = sum;
  }

  /** @returns how far the sum of the rounded coordinates is from 0, in units of d + 1 */
  #round(): number {
    const elevated = this.#elevated, origin = this.#origin, offset = this.#offset;
    const corners = elevated.length, down = f32(1 / corners);
    let excess = 0;
    for (let i = 0; i < corners; i++) {
      const rounded = (f32(down * elevated[i]!) + ROUND) - ROUND;
      excess += rounded;
      origin[i] = rounded * corners;
      offset[i] = f32(elevated[i]! - rounded * corners);
    }
    return excess;
  }

  /** Ranks the offsets from the origin; moves coordinates by d + 1 so that they add up to 0 again. */
  #sortOffsets(excess: number): void {
    const offset = this.#offset, rank = this.#rank, origin = this.#origin, order = this.#order;
    const corners = offset.length;
    for (let i = 0; i < corners; i++) rank[i] = excess;
    for (let i = 0; i < corners; i++) {
      const own = offset[i]!;
      let before = rank[i]!;
      for (let j = i + 1; j < corners; j++) {
        const smaller = own < offset[j]! ? 1 : 0;
        before += smaller;
        rank[j]! += 1 - smaller;
      }
      const shift = before < 0 ? corners : before >= corners ? -corners : 0;
      origin[i]! += shift;
      rank[i] = before + shift;
      order[before + shift] = i;
    }
  }

  /** Barycentric coordinates (page 10). */
  #weigh(): void {
    const weights = this.weights, elevated = this.#elevated, origin = this.#origin;
    const corners = elevated.length, down = f32(1 / corners);
    for (let i = 0; i <= corners; i++) weights[i] = 0;
    for (let i = 0; i < corners; i++) {
      const part = f32(f32(elevated[i]! - origin[i]!) * down);
      const at = corners - 1 - this.#rank[i]!;
      weights[at] = f32(weights[at]! + part);
      weights[at + 1] = f32(weights[at + 1]! - part);
    }
    weights[0] = f32(weights[0]! + f32(1 + weights[corners]!));
  }
}
