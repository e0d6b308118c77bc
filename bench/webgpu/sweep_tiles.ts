/**
 * Times convolutions with one tile after the other; bench/webgpu_tiles.ts runs it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { conv2d } from "../../plugins/ops/conv/conv2d.ts";
import { convFilterGradient } from "../../plugins/ops/conv/filter_gradient.ts";
import { convGeometry } from "../../plugins/ops/conv/geometry.ts";
import { convInputGradient } from "../../plugins/ops/conv/input_gradient.ts";
import type { Tile } from "../../plugins/ops/webgpu/tiles.ts";
import { messageOf } from "../../core/errors.ts";
import type { ConvShape } from "./conv_shape.ts";
import { time } from "./measure.ts";
import { random } from "./random.ts";
import { device, swapIn } from "./sides.ts";
import { forceTile } from "./swept_tiles.ts";

const ROUNDS = 2;
/** Largest difference of a result from the chosen tile's, by its largest value: sums are added in another order. */
const TOLERANCE = 1e-4;

/** Rows and columns an invocation, invocations along both, depth. */
const STAGED = [
  [8, 8, 16, 16, 8],
  [8, 8, 16, 16, 16],
  [8, 8, 8, 16, 8],
  [8, 8, 8, 16, 16],
  [8, 8, 8, 8, 16],
  [8, 4, 16, 16, 8],
  [8, 4, 16, 16, 16],
  [8, 4, 8, 16, 16],
  [4, 4, 16, 16, 16],
  [4, 8, 16, 16, 16],
  [8, 8, 16, 16, 32],
] as const;

const samples = 8, size = 56;
const SHAPES: readonly ConvShape[] = device.software
  ? [{ samples: 1, size: 14, channels: 64, filters: 64, k: 3 }]
  : [
    { samples, size, channels: 512, filters: 512, k: 3 },
    { samples, size, channels: 512, filters: 1024, k: 3, dilation: 4 },
    { samples, size, channels: 1024, filters: 2048, k: 1 },
    { samples, size: 112, channels: 256, filters: 256, k: 3 },
  ];

// deno-lint-ignore no-console -- what this script is for
const print = (text: string) => console.log(text);

const tiles: readonly (Tile | undefined)[] = [
  undefined,
  ...STAGED.map(([rows, columns, rowLanes, columnLanes, depth]) => ({
    ...{ rows, columns, rowLanes, columnLanes, depth, staged: true },
  })),
];
swapIn("ours");
for (const { samples = 1, size, channels, filters, k, dilation = 1 } of SHAPES) {
  const x = random<tf.Rank.R4>([samples, size, size, channels]);
  const filter = random<tf.Rank.R4>([k, k, channels, filters]);
  const pad = dilation * (k - 1) / 2;
  const geometry = convGeometry(x.shape, filter.shape, 1, pad, dilation, false);
  const dy = random<tf.Rank.R4>(geometry.output);
  const runs: Record<string, () => tf.Tensor> = {
    forward: () => conv2d(x, filter, { dilation, pad }),
    "input gradient": () => convInputGradient(dy, filter, geometry),
    "weight gradient": () => convFilterGradient(x, dy, geometry),
  };
  const flop = 2 * dy.size * k * k * channels;
  for (const [what, run] of Object.entries(runs)) {
    print(`conv ${k}x${k} ${x.shape.join("x")}->${filters} dilation ${dilation}, ${what}`);
    let expected: Float32Array | undefined;
    for (const tile of tiles) {
      const name = tile === undefined
        ? "as chosen"
        : `${tile.rows}x${tile.columns} by ${tile.rowLanes}x${tile.columnLanes}, depth ${tile.depth}`;
      forceTile(tile);
      try {
        const found = await sampleOf(run);
        expected ??= found;
        const { ours } = await time({ ours: () => void run() }, ROUNDS);
        const right = apart(expected, found) < TOLERANCE ? "" : "  WRONG";
        print(`  ${(flop / ours! / 1e6).toFixed(1).padStart(9)} GFLOP/s  ${name}${right}`);
      } catch (error) {
        print(`             failed  ${name}: ${messageOf(error).split("\n")[0]}`);
      }
    }
  }
  tf.dispose([x, filter, dy]);
}

/** Some elements of a result, from its beginning. */
async function sampleOf(run: () => tf.Tensor): Promise<Float32Array> {
  const some = tf.tidy(() => {
    const result = run();
    return tf.slice(tf.reshape(result, [-1]), 0, Math.min(result.size, 2 ** 16));
  });
  const found = await some.data<"float32">();
  some.dispose();
  await device.check();
  return found;
}

function apart(a: Float32Array, b: Float32Array): number {
  let most = 0, largest = 0;
  for (let i = 0; i < a.length; i++) {
    most = Math.max(most, Math.abs(a[i]! - b[i]!));
    largest = Math.max(largest, Math.abs(a[i]!));
  }
  return most / largest;
}
