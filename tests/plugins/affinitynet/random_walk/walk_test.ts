import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { Scores } from "../../../../core/contracts/refinement.ts";
import { isUserError } from "../../../../core/errors.ts";
import { Rng } from "../../../../core/rng.ts";
import { readSafetensors } from "../../../../plugins/formats/safetensors.ts";
import { compare } from "../../../../plugins/fixtures/verify/compare.ts";
import { fittingRadius, pairOffsets, pixelPairs } from "../../../../plugins/wsss/pairs/pairs.ts";
import { averagePool, upsample } from "../../../../plugins/wsss/pairs/resample.ts";
import { walkSteps } from "../../../../plugins/wsss/pairs/steps.ts";
import {
  type PairAffinity,
  transitionMatrix,
} from "../../../../plugins/affinitynet/random_walk/transition.ts";
import { randomWalk, WALK_OPTIONS } from "../../../../plugins/affinitynet/random_walk/walk.ts";
import { denseTransition, product } from "../../refinement/random_walk/dense_walk.ts";

const BOUND = { criterion: "maxRelative", tolerance: 1e-6 } as const;

function randomAffinity(height: number, width: number): PairAffinity {
  const rng = Rng.of(5, "affinity", height, width);
  const { to } = pixelPairs(height, width, fittingRadius(height, width));
  return { height, width, data: Float32Array.from(to, () => Math.exp(-rng.float())) };
}

function randomScores(channels: number, height: number, width: number): Scores {
  const rng = Rng.of(6, "scores");
  const data = Float32Array.from({ length: channels * height * width }, () => rng.float());
  return { channels, height, width, data };
}

Deno.test("the authors' random walk is recomputed from their affinities", async () => {
  const path = new URL("../../../fixtures/affinity.safetensors", import.meta.url).pathname;
  const { tensors } = await readSafetensors(path);
  const floats = (name: string) => {
    const { data, shape } = tensors.get(name)!;
    assert(data instanceof Float32Array);
    return { data, shape };
  };
  const cam = floats("cam"), walked = floats("random_walk"), up = floats("random_walk_up");
  const [channels, height, width] = cam.shape as [number, number, number];
  const [rows, columns] = walked.shape.slice(2) as [number, number];
  const scores = { channels, height, width, data: cam.data };
  const affinity = { height: rows, width: columns, data: floats("affinity").data };

  const small = walkSteps(transitionMatrix(affinity, 8), averagePool(scores, 8), 64);
  const large = randomWalk(scores, affinity);
  const errors = [
    compare("random_walk", small, walked.data, BOUND),
    compare("random_walk_up", large.data, up.data, BOUND),
  ];
  for (const { name, maxRelative } of errors) {
    assert(maxRelative < BOUND.tolerance, `${name}: ${maxRelative}`);
  }
  assertEquals([large.channels, large.height, large.width], [channels, height, width]);
});

Deno.test("walking 2^logt sparse steps is squaring the dense matrix logt times", () => {
  for (const [height, width] of [[12, 16], [11, 23], [7, 9], [3, 4]] as const) {
    const affinity = randomAffinity(height, width);
    const scores = Float64Array.from(randomScores(3, height, width).data);
    const radius = fittingRadius(height, width);
    for (const [beta, logt] of [[8, 6], [1, 0], [2.5, 3]] as const) {
      const dense = product(
        scores,
        denseTransition(affinity, radius, beta, logt),
        height * width,
      );
      const sparse = walkSteps(transitionMatrix(affinity, beta), scores, 2 ** logt);
      const { maxRelative } = compare("walk", sparse, dense, BOUND);
      assert(maxRelative < 1e-12, `${height}x${width} ${beta} ${logt}: ${maxRelative}`);
    }
  }
});

Deno.test("every column of the transition matrix sums to 1", () => {
  const { size, starts, values } = transitionMatrix(randomAffinity(15, 20), 8);
  assertEquals(size, 15 * 20);
  for (let column = 0; column < size; column++) {
    const sum = values.subarray(starts[column], starts[column + 1]).reduce((a, b) => a + b);
    assertAlmostEquals(sum, 1, 1e-12);
  }
  const most = Math.max(...Array.from({ length: size }, (_, c) => starts[c + 1]! - starts[c]!));
  assertEquals(most, 2 * 34 + 1);
});

Deno.test("equal affinities leave constant scores alone and mix others", () => {
  const affinity = { ...randomAffinity(12, 12) };
  affinity.data.fill(1);
  const scores = randomScores(2, 96, 96);
  scores.data.fill(0.25, 0, 96 * 96);
  const { data } = randomWalk(scores, affinity);
  for (let i = 0; i < 96 * 96; i++) assertAlmostEquals(data[i]!, 0.25, 1e-6);
  const walked = data.subarray(96 * 96);
  assert(Math.max(...walked) - Math.min(...walked) < 0.2);
});

Deno.test("absent classes stay exactly absent", () => {
  const scores = randomScores(3, 20, 24);
  scores.data.fill(0, 480, 960);
  const { data } = randomWalk(scores, randomAffinity(3, 3));
  assertEquals(data.subarray(480, 960), new Float32Array(480));
  assert(data[0]! > 0 && data[960]! > 0);
});

Deno.test("pairs are those of the authors' get_indices_of_pairs", () => {
  assertEquals(pairOffsets(5).length, 34);
  assertEquals(pairOffsets(5).slice(0, 7), [
    [0, 1],
    [0, 2],
    [0, 3],
    [0, 4],
    [1, -4],
    [1, -3],
    [1, -2],
  ]);
  assertEquals(pairOffsets(5).at(-1), [4, 2]);
  const { from, to } = pixelPairs(12, 16, 5);
  assertEquals([from.length, to.length], [64, 34 * 64]);
  assertEquals([...from.subarray(0, 3), from[63]], [4, 5, 6, 7 * 16 + 11]);
  assertEquals([to[0], to[33 * 64], to.at(-1)], [5, 4 * 16 + 6, 11 * 16 + 13]);
});

Deno.test("maps too small for the radius get a smaller one, the smallest no pairs", () => {
  assertEquals([11, 10, 9, 4, 3, 2, 1].map((edge) => fittingRadius(edge, 20)), [
    5,
    4,
    4,
    1,
    1,
    0,
    0,
  ]);
  for (const radius of [0, 1]) assertEquals(pixelPairs(2, 20, radius).to.length, 0);
  const { from, to } = pixelPairs(5, 5, 2);
  assertEquals([...from.subarray(0, 3)], [1, 2, 3]);
  assertEquals(to.length, 4 * from.length);
  // Nobody to walk to: scores are only pooled and enlarged.
  const scores = randomScores(2, 12, 15);
  const alone = randomWalk(scores, { height: 2, width: 2, data: new Float32Array(0) });
  assertEquals(alone, upsample(averagePool(scores, 8), scores, 8));
});

Deno.test("pooling pads with zeros below and to the right", () => {
  const scores = { channels: 1, height: 3, width: 5, data: new Float32Array(15).fill(1) };
  assertEquals(averagePool(scores, 2), Float64Array.of(1, 1, 0.5, 0.5, 0.5, 0.25));
});

Deno.test("enlarging interpolates as align_corners=False and cuts the padding off", () => {
  const size = { channels: 1, height: 1, width: 7 };
  const { data } = upsample(Float64Array.of(0, 1), size, 4);
  assertEquals([...data], [0, 0, 0.125, 0.375, 0.625, 0.875, 1]);
});

Deno.test("what does not fit is refused and named", () => {
  const scores = randomScores(2, 96, 128), affinity = randomAffinity(12, 16);
  const refused = (given: Scores, along: PairAffinity, why: string) => {
    assert(isUserError(assertThrows(() => randomWalk(given, along), RangeError, why)));
  };
  refused(scores, randomAffinity(16, 12), "need affinities of 16x12, given are 12x16");
  refused(scores, { ...affinity, data: affinity.data.slice(1) }, "2176 pixel pairs, 2175");
  refused({ ...scores, channels: 3 }, affinity, "24576 scores: 3 classes of 128x96");
  for (const value of [NaN, Infinity]) {
    const data = scores.data.slice();
    data[96 * 128 + 128 + 2] = value;
    refused({ ...scores, data }, affinity, "class 1 at x 2, y 1 is");
  }
  for (const value of [NaN, -0.1]) {
    const data = affinity.data.slice();
    data[7] = value;
    refused(scores, { ...affinity, data }, "affinity 7 is");
  }
});

Deno.test("the authors' settings are the default", () => {
  assertEquals(WALK_OPTIONS, { beta: 8, logt: 6, stride: 8 });
});
