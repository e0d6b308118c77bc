/**
 * How long does the random walk of one image take, 64 steps? Sparse, as here; and by squaring the dense transition matrix six times as
 * the authors' code does, with tfjs on wasm. At a photograph's size the dense way takes long: bench/random_walk.ts has it.
 */
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { walkSteps } from "../plugins/affinitynet/random_walk/steps.ts";
import { transitionMatrix } from "../plugins/affinitynet/random_walk/transition.ts";
import {
  BETA,
  CLASSES,
  LOGT,
  randomAffinity,
  scoresOf,
  SMALL_SIZES,
  walkDense,
} from "./random_walk/walks.ts";

await tf.setBackend("wasm");

for (const [height, width] of SMALL_SIZES) {
  const group = `${height}x${width}`, size = height * width;
  const affinity = randomAffinity(height, width), many = scoresOf(size, CLASSES);
  Deno.bench(`${group}: transition matrix`, { group }, () => {
    transitionMatrix(affinity, BETA);
  });
  const transition = transitionMatrix(affinity, BETA);
  for (const present of [3, CLASSES]) {
    const scores = scoresOf(size, present);
    Deno.bench(`${group}: sparse, ${present} of ${CLASSES} classes present`, { group }, () => {
      walkSteps(transition, scores, 2 ** LOGT);
    });
  }
  Deno.bench(`${group}: dense, tfjs wasm`, { group, baseline: true }, () => {
    walkDense(transition, many);
  });
}
