/**
 * Times convolutions with one tile after the other; bench/tiles.ts runs it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { messageOf } from "seamstress";
import { conv2d, convGeometry } from "seamstress/ops";
import type { ConvShape } from "../../plugins/ops/conv/bench_shapes.ts";
import { convFilterGradient } from "../../plugins/ops/conv/filter_gradient.ts";
import { convInputGradient } from "../../plugins/ops/conv/input_gradient.ts";
import type { Tile } from "../../plugins/ops/webgpu/tiles.ts";
import { openImplementations } from "../implementations/open.ts";
import { compare, least } from "../measure/compare.ts";
import { print } from "../measure/print.ts";
import { RECORDED } from "../measure/sample.ts";
import { forceTile } from "./swept_tiles.ts";
import { CaseTensors } from "./tensors.ts";

const ROUNDS = 2;
/** Maximum difference from the chosen tile's result, relative to its largest value: the order of summation differs. */
const TOLERANCE = 1e-4;

/** Rows and columns per invocation, invocations along both, depth. */
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

const { info, use } = await openImplementations("webgpu");
const samples = 8, size = 56;
const SHAPES: readonly ConvShape[] = info.software
  ? [{ samples: 1, size: 14, channels: 64, filters: 64, k: 3 }]
  : [
    { samples, size, channels: 512, filters: 512, k: 3 },
    { samples, size, channels: 512, filters: 1024, k: 3, dilation: 4 },
    { samples, size, channels: 1024, filters: 2048, k: 1 },
    { samples, size: 112, channels: 256, filters: 256, k: 3 },
  ];

const tiles: readonly (Tile | undefined)[] = [
  undefined,
  ...STAGED.map(([rows, columns, rowLanes, columnLanes, depth]) => ({
    ...{ rows, columns, rowLanes, columnLanes, depth, staged: true },
  })),
];
use("ours");
for (const { samples, size, channels, filters, k, dilation = 1 } of SHAPES) {
  using tensors = new CaseTensors();
  const x = tensors.uniform<tf.Rank.R4>([samples, size, size, channels]);
  const filter = tensors.uniform<tf.Rank.R4>([k, k, channels, filters]);
  const pad = dilation * (k - 1) / 2;
  const geometry = convGeometry(x.shape, filter.shape, 1, pad, dilation, false);
  const dy = tensors.uniform<tf.Rank.R4>([...geometry.output] as typeof x.shape);
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
        const work = { run: () => tf.tidy(() => void run()), settle: () => info.check() };
        const times = await compare({ work }, { rounds: ROUNDS, measured: RECORDED });
        const right = apart(expected, found) < TOLERANCE ? "" : "  WRONG";
        print(
          `  ${
            (flop / least(times.work.counted) / 1e6).toFixed(1).padStart(9)
          } GFLOP/s  ${name}${right}`,
        );
      } catch (error) {
        print(`             failed  ${name}: ${messageOf(error).split("\n")[0]}`);
      }
    }
  }
}

/** The first elements of a result. */
async function sampleOf(run: () => tf.Tensor): Promise<Float32Array> {
  const some = tf.tidy(() => {
    const result = run();
    return tf.slice(tf.reshape(result, [-1]), 0, Math.min(result.size, 2 ** 16));
  });
  const found = await some.data<"float32">();
  some.dispose();
  await info.check();
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
