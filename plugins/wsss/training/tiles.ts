import * as tf from "@tensorflow/tfjs";
import type { ForwardContext } from "../../../core/contracts/forward_context.ts";
import type { Outputs } from "../../../core/contracts/head.ts";
import type { Network } from "../../../core/contracts/network.ts";

/** Into how many tiles an image is cut. */
export interface TileGrid {
  /** From top to bottom. */
  readonly rows: number;
  /** From left to right. */
  readonly columns: number;
}

/**
 * Cuts images into tiles of one size.
 *
 * @param x `[N,H,W,C]`
 * @param grid R rows that divide H, S columns that divide W
 * @returns `[R·S·N,H/R,W/S,C]`: all images' first tiles, then all second ones, row by row
 * @throws {RangeError} where the sides do not divide
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { mergeTiles, splitTiles } from "seamstress/wsss";
 * const image = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
 * const tiles = splitTiles(image, { rows: 1, columns: 2 });
 * assertEquals([...tiles.dataSync()], [1, 3, 2, 4]);
 * assertEquals([...mergeTiles(tiles, { rows: 1, columns: 2 }).dataSync()], [1, 2, 3, 4]);
 * ```
 */
export function splitTiles(x: tf.Tensor4D, { rows, columns }: TileGrid): tf.Tensor4D {
  const [count, height, width, channels] = x.shape;
  if (height % rows !== 0 || width % columns !== 0) {
    throw new RangeError(
      `Cannot cut ${height}x${width} into ${rows}x${columns} tiles of one size`,
    );
  }
  const size = [count, height / rows, width / columns, channels] as const;
  return tf.tidy(() => {
    const tiles = Array.from({ length: rows * columns }, (_, i) => {
      const row = Math.floor(i / columns), column = i % columns;
      return tf.slice(x, [0, row * size[1], column * size[2], 0], [...size]);
    });
    return tf.concat(tiles, 0);
  });
}

/**
 * Puts tiles, or maps of them, together again.
 *
 * @param x `[R·S·N,h,w,C]`, in the order of {@linkcode splitTiles}
 * @param grid R rows, S columns
 * @returns `[N,R·h,S·w,C]`
 */
export function mergeTiles(x: tf.Tensor4D, { rows, columns }: TileGrid): tf.Tensor4D {
  const [all, height, width, channels] = x.shape;
  const count = all / (rows * columns);
  if (!Number.isInteger(count)) {
    throw new RangeError(`Cannot put ${all} tiles together to images of ${rows}x${columns}`);
  }
  return tf.tidy(() => {
    const tile = (i: number) => tf.slice(x, [i * count, 0, 0, 0], [count, height, width, channels]);
    const lines = Array.from(
      { length: rows },
      (_, row) => tf.concat(Array.from({ length: columns }, (_, i) => tile(row * columns + i)), 2),
    );
    return tf.concat(lines, 1);
  });
}

/**
 * The context of a batch whose rows are pieces of samples: tiles, crops, masked copies. Each piece draws from its sample's streams, so
 * that dropout does not depend on the micro-batch; with the context of the samples themselves, row 5 would be sample 5's in a batch of 8
 * and the second piece of sample 1 in one of 4.
 *
 * @param context of the samples, `context(view)`
 * @param samples N: the rows are all samples' first pieces, then all second ones
 * @returns the context of the pieces
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Rng } from "seamstress";
 * import { contextOfPieces } from "seamstress/wsss";
 * const context = { training: true, rng: (row: number, of: string) => Rng.of(0, row, of) };
 * // The second piece of sample 1, in a batch of two samples and in one of eight.
 * const draw = (samples: number) => contextOfPieces(context, samples).rng(samples + 1, "a").normal();
 * assertEquals(draw(2), draw(8));
 * ```
 */
export function contextOfPieces(context: ForwardContext, samples: number): ForwardContext {
  return {
    ...context,
    rng: (row, purpose) =>
      context.rng(row % samples, `piece ${Math.floor(row / samples)}, ${purpose}`),
  };
}

/**
 * Runs a network on the tiles of images and puts what it gives together.
 *
 * @param network backbone and head
 * @param image `[N,H,W,3]` float32, normalised
 * @param grid how images are cut; tiles should be as long as some whole pixels of the network's maps, else these are longer together
 *   than those of the whole image
 * @param context of a view of the samples, `context(view)`; each tile draws for itself, the same in every micro-batch
 * @returns the head's outputs, each `[N,…]` as large as its tiles together
 */
export function tiledPass(
  network: Pick<Network, "forward">,
  image: tf.Tensor4D,
  grid: TileGrid,
  context: ForwardContext,
): Outputs {
  return tf.tidy(() => {
    const outputs = network.forward(
      splitTiles(image, grid),
      contextOfPieces(context, image.shape[0]),
    );
    return Object.fromEntries(
      Object.entries(outputs).map(([name, map]) => [name, mergeTiles(map, grid)]),
    );
  });
}
