import { type Lattice, LatticeBuilder } from "../../../../plugins/refinement/crf/permutohedral.ts";
import { latticeProgram } from "../../../../plugins/refinement/crf/wasm/lattice_program.ts";

const builder = new LatticeBuilder(latticeProgram);

/** Builds the lattice around points `[points][d]`; its memory is that of the lattice before. */
export function buildLattice(points: Float32Array, dimensions: number): Lattice {
  return builder.build(points, dimensions);
}
