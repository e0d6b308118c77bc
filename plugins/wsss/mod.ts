/**
 * What methods of weakly supervised segmentation are made of: CAM normalisation, the pixel correlation module, layers, optimizers'
 * parts, training and its parts, multi-scale inference, networks of checkpoints, refinement of class scores, helpers of stages.
 *
 * @module
 */
export type { Work } from "../../core/contracts/work.ts";
export type { Batch } from "../../core/data/batch.ts";
export { Loader } from "../../core/data/loader.ts";
export { microBatches } from "../../core/trainer/micro_batch.ts";
export { takeStep } from "../../core/trainer/step.ts";
export { train } from "../../core/trainer/trainer.ts";
export { arithmetic } from "../forecast/kernel_work.ts";
export type { HeldBytes } from "../forecast/shape_backend.ts";
export type { KernelInputs } from "../forecast/shape_rule.ts";
export { type Trace, trace } from "../forecast/trace.ts";
export { sumWork } from "../forecast/work.ts";
export { readCamDict, writeCamDict } from "./cams/cam_dict.ts";
export { type Cams, hasCams, readCams, type StoredCams, writeCams } from "./cams/cam_store.ts";
export { completeBackground } from "./cams/complete_background.ts";
export { maxNorm } from "./cams/max_norm.ts";
export { normalizedCam } from "./cams/normalized_cam.ts";
export { onehotMax } from "./cams/onehot_max.ts";
export { estimateImages } from "./inference/estimate_images.ts";
export { exampleImages } from "./inference/example_images.ts";
export { imageBatch } from "./inference/image_batch.ts";
export { type LoadedModel, loadModel } from "./inference/loaded_model.ts";
export {
  batchesOf,
  multiScaleCam,
  type MultiScaleOptions,
  scaledView,
} from "./inference/multi_scale_cam.ts";
export { reducedSize, reduceLongSide } from "./inference/reduce.ts";
export { convSpec } from "./layers/conv_layer.ts";
export { batchNormSpecs, frozenBatchNorm, frozenScaleShift } from "./layers/frozen_batch_norm.ts";
export {
  momentumOption,
  type Norm,
  normalize,
  normOption,
  type NormRun,
  normSpecs,
  statisticsOption,
  trainedNormNames,
} from "./layers/norm.ts";
export { classifierTap, pointwise, pointwiseSpec, tapBeside } from "./layers/pointwise.ts";
export { trainedBatchNorm, trainedBatchNormSpecs } from "./layers/trained_batch_norm.ts";
export { chain, type Link } from "./optimizers/chain.ts";
export { groupOptions, groupParams } from "./optimizers/groups.ts";
export { learningRate } from "./optimizers/learning_rate.ts";
export { momentsUpdate } from "./optimizers/moments.ts";
export { momentumUpdate } from "./optimizers/momentum.ts";
export { decoupledWeightDecay, l2Penalty } from "./optimizers/weight_decay.ts";
export { refuseMismatch } from "./parameters/mismatch.ts";
export { type Given, ParamStore } from "./parameters/param_store.ts";
export { pixelCorrelation } from "./pcm/pcm.ts";
export {
  checkBackground,
  makeLinks,
  optionsResumeIgnores,
  type RefinementLink,
  refineScores,
} from "./refinement/chain.ts";
export { type ClassScores, mapsOfScores, strongestClass } from "./refinement/class_scores.ts";
export { estimateMasks } from "./refinement/estimate.ts";
export { rehearseRefinements, type Subject, timeScores } from "./refinement/rehearse.ts";
export { resizeScores } from "./refinement/resize_scores.ts";
export {
  checkScores,
  CLASS_SCORES,
  scoreFile,
  scoresOf,
  type ScoreSource,
} from "./refinement/score_source.ts";
export {
  type EvaluationOptions,
  evaluationOptions,
  makeMetrics,
  needsMask,
} from "./scores/evaluation_options.ts";
export { readResult, RESULT, type Result, scoredName } from "./scores/result.ts";
export { checkGivesThreshold, thresholdOf } from "./scores/threshold.ts";
export { howChosen } from "./scores/threshold_text.ts";
export { forEachPendingImage, MASKS } from "./stages/for_each_pending_image.ts";
export { checkLearned } from "./stages/learned_classes.ts";
export { pendingImages } from "./stages/pending_images.ts";
export * from "./stages/artifacts.ts";
export { plannedNetwork } from "./stages/planned_network.ts";
export { plannedOutputs } from "./stages/planned_outputs.ts";
export { checkImages } from "./stages/source.ts";
export { Checkpoints } from "./training/checkpoints.ts";
export { foreground, meanOverViews, output, pair } from "./training/loss_inputs.ts";
export { Model } from "./training/model.ts";
export { checkParameters, zeroParameters } from "./training/parameters.ts";
export {
  makeOptimizer,
  makeParts,
  type Parts,
  splitBackbone,
  type TrainingOptions,
  trainingOptions,
} from "./training/parts.ts";
