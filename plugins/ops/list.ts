/**
 * Every operation that ships.
 *
 * @module
 */
import type { Op } from "../../core/contracts/op.ts";
import type { Plugin } from "../../core/registry/plugin.ts";
import { fusedBatchNormOp } from "./batch_norm/fused_batch_norm.ts";
import {
  bnReluConvFilterGradientOp,
  bnReluConvInputGradientOp,
  bnReluConvOp,
} from "./bn_relu_conv/bn_relu_conv2d.ts";
import { conv2dOp } from "./conv/conv2d.ts";
import { convFilterGradientOp } from "./conv/filter_gradient.ts";
import { flipFilterOp } from "./conv/flip_filter.ts";
import { convInputGradientOp } from "./conv/input_gradient.ts";
import { correlationGradientOp, correlationOp } from "./correlation/correlation.ts";
import { depthwiseConv2dOp } from "./depthwise/depthwise_conv2d.ts";
import { depthwiseFilterGradientOp } from "./depthwise/filter_gradient.ts";
import { depthwiseInputGradientOp } from "./depthwise/input_gradient.ts";
import {
  depthwiseNormFilterGradientOp,
  depthwiseNormInputGradientOp,
  depthwiseNormOp,
} from "./depthwise_norm/depthwise_norm.ts";
import { addOp, multiplyOp, relu6Op, reluOp } from "./elementwise/elementwise.ts";
import { frozenNormGradientOp, frozenNormOp } from "./frozen_norm/frozen_norm.ts";
import { gaussianFilterOp } from "./gaussian_filter/gaussian_filter.ts";
import { interpolateImageOp } from "./interpolate/interpolate.ts";
import { interpolateRowsOp } from "./interpolate/interpolate_rows.ts";
import { matMulOp } from "./matmul/matmul.ts";
import { maxNormGradientOp, maxNormOp } from "./max_norm/max_norm.ts";
import { maxOneGradientOp } from "./max_one/max_one.ts";
import { pairDistanceGradientOp, pairDistanceOp } from "./pair_distance/pair_distance.ts";
import {
  pointwiseNormFilterGradientOp,
  pointwiseNormInputGradientOp,
  pointwiseNormOp,
} from "./pointwise_norm/pointwise_norm.ts";
import { maxPoolGradientOp } from "./pool/max_pool_gradient.ts";
import { avgPoolOp, maxPoolOp } from "./pool/pool.ts";
import { maxOp, meanOp, minOp, sumOp } from "./reduce/reduce.ts";
import { spreadOp } from "./reduce/spread.ts";
import { selectLargestOp } from "./select_largest/select_largest.ts";
import { sgdUpdateOp } from "./sgd_update/sgd_update.ts";
import { unitVectorsGradientOp, unitVectorsOp } from "./unit_vectors/unit_vectors.ts";
import { weightedSumOp } from "./weighted_sum/weighted_sum.ts";

/** Every operation that ships; no two replace the same kernel, so that their order does not matter. */
export const ops = [
  fusedBatchNormOp,
  bnReluConvOp,
  bnReluConvInputGradientOp,
  bnReluConvFilterGradientOp,
  conv2dOp,
  convFilterGradientOp,
  flipFilterOp,
  convInputGradientOp,
  correlationOp,
  correlationGradientOp,
  depthwiseConv2dOp,
  depthwiseFilterGradientOp,
  depthwiseInputGradientOp,
  depthwiseNormOp,
  depthwiseNormInputGradientOp,
  depthwiseNormFilterGradientOp,
  addOp,
  multiplyOp,
  reluOp,
  relu6Op,
  frozenNormOp,
  frozenNormGradientOp,
  gaussianFilterOp,
  pointwiseNormOp,
  pointwiseNormInputGradientOp,
  pointwiseNormFilterGradientOp,
  interpolateImageOp,
  interpolateRowsOp,
  matMulOp,
  maxNormOp,
  maxNormGradientOp,
  maxOneGradientOp,
  pairDistanceOp,
  pairDistanceGradientOp,
  maxPoolGradientOp,
  maxPoolOp,
  avgPoolOp,
  sumOp,
  meanOp,
  maxOp,
  minOp,
  spreadOp,
  selectLargestOp,
  sgdUpdateOp,
  unitVectorsOp,
  unitVectorsGradientOp,
  weightedSumOp,
] as const satisfies readonly (Op & Plugin<"op">)[];
