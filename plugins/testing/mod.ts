/**
 * Checks for tests of plugins, here and in repositories of their own.
 *
 * {@linkcode checkGradient} compares a gradient with differences in float64, {@linkcode checkBackends} one backend with another;
 * {@linkcode checkMicroBatches} and {@linkcode checkResume} train what a recipe's stage `train` says, in micro-batches of several sizes
 * or broken off and resumed; {@linkcode miniRun} runs it on the embedded world and gives losses and scores. All of them throw where
 * something is wrong, and say what: they need no test framework.
 *
 * It imports the list of what ships, so that a plugin is tried beside all others; no plugin imports this.
 *
 * @module
 */

// Functions: gradients, and the same on every backend.
export { checkGradient, type GradientOptions, type GradientReport } from "./check_gradient.ts";
export { type BackendsOptions, type BackendsReport, checkBackends } from "./check_backends.ts";
export type { TestedBackend } from "./backends.ts";
export type { Differentiable } from "./differentiated.ts";
export { type Numbers, uniform } from "./numbers.ts";

// Plugins, made as a recipe makes them.
export { createPlugin } from "./registry.ts";

// Trainings on the embedded world: micro-batches, broken off and resumed, or from images to scores.
export {
  checkMicroBatches,
  type MicroBatchesOptions,
  type MicroBatchesReport,
} from "./check_micro_batches.ts";
export { checkResume, type ResumeOptions, type ResumeReport } from "./check_resume.ts";
export type { MiniRecipe } from "./mini_recipe.ts";
export { miniRun, type MiniRunOptions, type MiniRunResult } from "./mini_run.ts";
