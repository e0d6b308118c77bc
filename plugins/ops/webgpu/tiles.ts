/** How a matrix product is cut into pieces: what one workgroup, and within it one invocation, computes. */
export interface Tile {
  /** Output rows per invocation, a multiple of 4. */
  readonly rows: number;
  /** Output columns per invocation, a multiple of 4. */
  readonly columns: number;
  /** Invocations of a workgroup along the rows. */
  readonly rowLanes: number;
  /** Invocations of a workgroup along the columns. */
  readonly columnLanes: number;
  /** Products that a workgroup adds up between two loads; a multiple of 4 where staged, at most 4 otherwise. */
  readonly depth: number;
  /** Whether a workgroup loads its operands together, into memory that it shares. */
  readonly staged: boolean;
}

/** The problem size and adapter that a tile is chosen for. */
export interface ProductSize {
  /** Whether the adapter computes on the CPU. */
  readonly software: boolean;
  /** Whether its compiler takes minutes for a large block in registers. */
  readonly slowCompiler?: boolean | undefined;
  /** Rows of the output. */
  readonly rows: number;
  /** Columns of the output. */
  readonly columns: number;
  /** Neighbours in memory along the summed axis: channels, or pixels of a row. */
  readonly depth: number;
}

/** With fewer workgroups than this, a large GPU is partly idle, so a smaller tile is used. */
const ENOUGH_WORKGROUPS = 128;

/** Result size below which computing takes less time than compiling the large kernel for a software adapter. */
const SMALL = 8192;

/**
 * Chooses a tile by shape and adapter.
 *
 * A GPU stages: each element is fetched once per workgroup, and the arithmetic reads workgroup memory. Its tiles need at most 256
 * invocations and 9 KiB, within the limits that every WebGPU device has. An adapter that computes on the CPU does not stage: there a
 * barrier is a loop over all invocations, workgroup memory is as slow as any, and every load of every invocation is an instruction
 * of its own, so that the largest block in registers (and in the first-level cache behind them) wins, unless it cannot be compiled:
 * for the gradient of a filter with 8x16 outputs an invocation, in two sums each, SwiftShader does not end within a minute of processor
 * time and takes a gigabyte; with 4x8 it takes a second or two.
 *
 * @param size sizes of the product, and the kind of adapter
 * @returns the tile
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chooseTile } from "./tiles.ts";
 * const tile = chooseTile({ software: false, rows: 1e5, columns: 512, depth: 512 });
 * assertEquals([tile.rows * tile.rowLanes, tile.columns * tile.columnLanes], [128, 128]);
 * ```
 */
export function chooseTile(
  { software, slowCompiler = false, rows, columns, depth }: ProductSize,
): Tile {
  if (software) {
    const small = slowCompiler || rows * columns <= SMALL;
    return {
      rows: small || rows <= 32 ? 4 : 8,
      columns: columns <= 4 ? 4 : small || columns <= 8 ? 8 : 16,
      rowLanes: 8,
      columnLanes: 1,
      depth: Math.min(depth, 4),
      staged: false,
    };
  }
  const fitting = (most: number) => Math.min(most, 4 * Math.ceil(depth / 4));
  if (columns <= 8) {
    return { rows: 4, columns: 4, rowLanes: 64, columnLanes: 2, depth: fitting(8), staged: true };
  }
  if (columns <= 32) {
    return { rows: 4, columns: 4, rowLanes: 32, columnLanes: 8, depth: fitting(8), staged: true };
  }
  const large = Math.ceil(rows / 128) * Math.ceil(columns / 128);
  return large >= ENOUGH_WORKGROUPS && columns > 64
    ? { rows: 8, columns: 8, rowLanes: 16, columnLanes: 16, depth: fitting(8), staged: true }
    : { rows: 8, columns: 4, rowLanes: 8, columnLanes: 16, depth: fitting(16), staged: true };
}

/** Rows of the output that a workgroup computes. */
export function tileRows(tile: Tile): number {
  return tile.rows * tile.rowLanes;
}

/** Columns of the output that a workgroup computes. */
export function tileColumns(tile: Tile): number {
  return tile.columns * tile.columnLanes;
}

/** Invocations of a workgroup. */
export function tileThreads(tile: Tile): number {
  return tile.rowLanes * tile.columnLanes;
}

/**
 * @param tile a tile
 * @returns its name, for the key of a compiled kernel
 */
export function tileName(tile: Tile): string {
  const { rows, columns, rowLanes, columnLanes, depth, staged } = tile;
  return `${rows}x${columns}-${rowLanes}x${columnLanes}-${depth}${staged ? "-staged" : ""}`;
}
