/**
 * Draws a square of value noise: random numbers on a lattice, smoothly interpolated between.
 *
 * @param side width and height of the square, in pixels
 * @param cell distance between lattice nodes, in pixels
 * @param random uniform in [0, 1)
 * @returns `[side, side]` in -0.5 .. 0.5
 */
export function valueNoise(side: number, cell: number, random: () => number): Float32Array {
  const nodes = Math.floor((side - 1) / cell) + 2;
  const lattice = Float64Array.from({ length: nodes * nodes }, () => random() - 0.5);
  const node = new Int32Array(side);
  const blend = new Float64Array(side);
  for (let i = 0; i < side; i++) {
    node[i] = Math.floor(i / cell);
    const t = i / cell - node[i]!;
    blend[i] = t * t * (3 - 2 * t);
  }
  const noise = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const at = node[y]! * nodes + node[x]!;
      const above = lattice[at]! + (lattice[at + 1]! - lattice[at]!) * blend[x]!;
      const below = lattice[at + nodes]! +
        (lattice[at + nodes + 1]! - lattice[at + nodes]!) * blend[x]!;
      noise[y * side + x] = above + (below - above) * blend[y]!;
    }
  }
  return noise;
}
