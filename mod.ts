/**
 * Seamstress: weakly supervised semantic segmentation on TensorFlow.js.
 *
 * @module
 */
import { recipesFor } from "./core/recipe/define.ts";
import { plugins } from "./plugins/mod.ts";

export * from "./core/contracts/backbone.ts";
export * from "./core/contracts/backend.ts";
export * from "./core/contracts/dataset.ts";
export * from "./core/contracts/fixture.ts";
export * from "./core/contracts/head.ts";
export * from "./core/contracts/loss.ts";
export * from "./core/contracts/method.ts";
export * from "./core/contracts/metric.ts";
export * from "./core/contracts/observer.ts";
export * from "./core/contracts/optimizer.ts";
export * from "./core/contracts/refinement.ts";
export * from "./core/contracts/schedule.ts";
export * from "./core/contracts/stage.ts";
export * from "./core/contracts/transform.ts";
export * from "./core/contracts/view.ts";
export * from "./core/contracts/weights.ts";
export { mistake } from "./core/errors.ts";
export { Model } from "./core/trainer/model.ts";
export { channelDropout } from "./plugins/ops/dropout/channel_dropout.ts";
export { conv2d } from "./plugins/ops/conv/conv2d.ts";
export { depthwiseConv2d } from "./plugins/ops/depthwise/depthwise_conv2d.ts";
export { maxOne, minOne } from "./plugins/ops/max_one/max_one.ts";
export { resizeBilinear } from "./plugins/ops/interpolate/resize_bilinear.ts";
export { meanOfLargest, meanOfSmallest } from "./plugins/ops/select_largest/mean_of_largest.ts";
export { type Init, type ParamSpec, ParamStore } from "./core/trainer/params.ts";
export { inference, type Pass } from "./core/contracts/forward_context.ts";
export * from "./core/registry/plugin.ts";
export { type LoadedRecipe, type LoadOptions, loadRecipe } from "./core/recipe/load.ts";
export type { WrittenRecipe } from "./core/recipe/define.ts";
export type { Recipe, RecipeStage } from "./core/recipe/schema.ts";
export { filePath, ref } from "./core/registry/plugin_option.ts";
export { Registry } from "./core/registry/registry.ts";
export { Rng } from "./core/rng.ts";
export { type RunOptions, runRecipe } from "./core/run/run.ts";
export type { Raster, Sample } from "./core/data/sample.ts";
export { type Stop, Stopped } from "./core/stop.ts";
export type { DType, StateArray, StateDict } from "./core/formats/state_dict.ts";
export { plugins, workerModules } from "./plugins/mod.ts";

/** Types a recipe with every shipped plugin and option: `export default defineRecipe({ … })`. */
export const defineRecipe = recipesFor(plugins);
