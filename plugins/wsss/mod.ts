/**
 * What methods of weakly supervised segmentation are made of.
 *
 * Class activation maps: {@linkcode maxNorm} and {@linkcode normalizedCam} bring them to 0..1, {@linkcode pixelCorrelation} refines them
 * by the image, {@linkcode multiScaleCam} adds them up over scales and flips, {@linkcode writeCams} keeps them. Networks: layers whose
 * parameters have PyTorch's names, {@linkcode loadModel} for what an earlier stage trained. Training: {@linkcode train} and its parts, and
 * the links that optimizers are chains of. Refinement and scores: class scores of images become masks, masks become tables. Stages: what
 * a stage reads, and the images that it has still to do.
 *
 * @module
 */

// Class activation maps.
export { type CamDictOptions, readCamDict, writeCamDict } from "./cams/cam_dict.ts";
export {
  bytesPerValue,
  type Cams,
  hasCams,
  readCams,
  type Store,
  type StoredCams,
  STORES,
  writeCams,
} from "./cams/cam_store.ts";
export { completeBackground } from "./cams/complete_background.ts";
export { maxNorm } from "./cams/max_norm.ts";
export { normalizedCam } from "./cams/normalized_cam.ts";
export { onehotMax } from "./cams/onehot_max.ts";
export { pseudoMask } from "./cams/pseudo_mask.ts";
export {
  readTrainingCams,
  type TrainingCams,
  trainingCamsFolder,
  writeTrainingCams,
} from "./cams/training_cams.ts";
export { checkPixel } from "./pcm/check_pixel.ts";
export { pixelCorrelation } from "./pcm/pcm.ts";
export {
  comparesPixels,
  pixelAffinity,
  type PixelHead,
  type PixelVectors,
  pixelVectors,
} from "./pcm/pixel_affinity.ts";

// Networks: layers, parameters, and what holds both.
export { biasSpec, convSpec } from "./layers/conv_layer.ts";
export { batchNormSpecs, frozenBatchNorm, frozenScaleShift } from "./layers/frozen_batch_norm.ts";
export { layerNormalize, layerNormSpecs } from "./layers/layer_norm_layer.ts";
export { linear, linearSpecs, type LinearTraits } from "./layers/linear.ts";
export {
  convolveAndNormalize,
  convolveDepthwiseAndNormalize,
  momentumOption,
  type Norm,
  normalize,
  normOption,
  type NormRun,
  normSpecs,
  type StatisticsOption,
  statisticsOption,
  trainedNormNames,
} from "./layers/norm.ts";
export { classifierTap, pointwise, pointwiseSpec, tapBeside } from "./layers/pointwise.ts";
export {
  type SeamLayerOptions,
  seamLayerOptions,
  type SeamLayers,
  seamLayers,
  type SeamMaps,
} from "./layers/seam_layers.ts";
export { tokenTap, unfitBackbone } from "./layers/token_tap.ts";
export { torchDefault } from "./layers/torch_default.ts";
export {
  trainedBatchNorm,
  trainedBatchNormSpecs,
  type TrainedNormRun,
} from "./layers/trained_batch_norm.ts";
export { torchShape } from "./parameters/layout.ts";
export { cardOf } from "./parameters/backbone_card.ts";
export { refuseMismatch } from "./parameters/mismatch.ts";
export { type Given, ParamStore } from "./parameters/param_store.ts";
export { Model } from "./training/model.ts";

// Losses' inputs, and parts of a step.
export { absoluteDifference } from "./training/absolute_difference.ts";
export {
  contextOfPieces,
  mergeTiles,
  splitTiles,
  tiledPass,
  type TileGrid,
} from "./training/tiles.ts";
export {
  foreground,
  meanOverViews,
  output,
  pair,
  provided,
  withBackground,
} from "./training/loss_inputs.ts";

// Training and its parts.
export { KeptState, subset } from "./training/kept_state.ts";
export { averageSpecs, moveAverage } from "./training/moving_average.ts";
export { emaTeacher, type Teacher } from "./training/teacher.ts";
export {
  FIRST_STEP,
  trainingParts,
  type TrainingState,
} from "../../core/trainer/training_state.ts";
export type { Gathered } from "../../core/trainer/gathered.ts";
export { Checkpoints } from "./training/checkpoints.ts";
export { checkParameters, trainedSpecs, zeroParameters } from "./training/parameters.ts";
export {
  makeOptimizer,
  makeParts,
  type Parts,
  splitBackbone,
  type TrainingOptions,
  trainingOptions,
} from "./training/parts.ts";
export type { PluginOption } from "./training/plugin_option_type.ts";
export type { TrainingSchema } from "./training/training_schema.ts";
export { advance, type Taken } from "../../core/trainer/advance.ts";
export { type Part, RankSums } from "../../core/trainer/rank_sums.ts";
export type { Batches } from "../../core/trainer/batches.ts";
export {
  type MicroGradients,
  microGradients,
  type WeightedLoss,
} from "../../core/trainer/gradients.ts";
export { type Judge, type Judged, lowestLoss, type Verdict } from "../../core/trainer/judge.ts";
export { INITIAL_SCALE, type LossScale, unscale } from "../../core/trainer/loss_scale.ts";
export { type MicroBatch, microBatches } from "../../core/trainer/micro_batch.ts";
export type { EnterPhase, Phase } from "../../core/trainer/phases.ts";
export type { ScaledGradients } from "../../core/trainer/scaled_gradients.ts";
export {
  applyGradients,
  standing,
  type StepGradients,
  stepGradients,
  type StepOptions,
  type StepScale,
} from "../../core/trainer/step.ts";
export { takeStep } from "./training/take_step.ts";
export { train, type TrainOptions } from "../../core/trainer/trainer.ts";
export type { Batch, BatchMap, Rows } from "../../core/data/batch.ts";
export { Loader } from "./loading/loader.ts";

// Links of optimizers.
export { chain, type Link, type Update } from "./optimizers/chain.ts";
export {
  type Group,
  type Grouped,
  groupOptions,
  groupParams,
  type Groups,
} from "./optimizers/groups.ts";
export { groupNames, rateNames } from "./optimizers/group_names.ts";
export { learningRate } from "./optimizers/learning_rate.ts";
export { type MomentsSettings, momentsUpdate } from "./optimizers/moments.ts";
export { momentumUpdate } from "./optimizers/momentum.ts";
export { nesterovUpdate } from "./optimizers/nesterov.ts";
export { stillOptimizer } from "./optimizers/still.ts";
export { decoupledWeightDecay, l2Penalty } from "./optimizers/weight_decay.ts";

// Inference with a trained network.
export { camOutput } from "./inference/cam_output.ts";
export { estimateImages, type Inference } from "./inference/estimate_images.ts";
export { exampleImages } from "./inference/example_images.ts";
export { imageBatch } from "./inference/image_batch.ts";
export { createNetwork, type Network } from "./training/create_network.ts";
export { loadModel } from "./inference/loaded_model.ts";
export {
  type LoadedModel,
  modelFromBytes,
  modelFromState,
  type NetworkOfWeights,
} from "./inference/model_from_bytes.ts";
export {
  inferPhotograph,
  type InferredPhotograph,
  type WantedClasses,
} from "./inference/photograph.ts";
export {
  CAM_OUTPUTS,
  type PhotographSettings,
  photographSettings,
} from "./inference/photograph_settings.ts";
export {
  batchesOf,
  multiScaleCam,
  type MultiScaleOptions,
  type MultiScaleResult,
  scaledView,
} from "./inference/multi_scale_cam.ts";
export { type MapNormalization, NORMALIZATIONS, normalizeMap } from "./inference/normalize_map.ts";
export { reducedSize, reduceLongSide } from "./inference/reduce.ts";

// Pairs of near pixels, and walks along them.
export { checkPairMap } from "./pairs/check_pair_map.ts";
export { mapLabels } from "./pairs/map_labels.ts";
export {
  type PairKind,
  type PairLabels,
  pairLabels,
  pairTarget,
  pairTargets,
} from "./pairs/pair_labels.ts";
export { fittingRadius, pairOffsets, type PixelPairs, pixelPairs } from "./pairs/pairs.ts";
export {
  firstPixels,
  firstPixelsSize,
  placePixels,
  secondPixels,
} from "../ops/pair_distance/pixels.ts";
export { averagePool, upsample } from "./pairs/resample.ts";
export { walkSteps } from "./pairs/steps.ts";
export { pairTransition, type SparseColumns, type WeightedPairs } from "./pairs/transition.ts";

// Refinement of class scores.
export {
  checkBackground,
  choicesOf,
  type ChosenRefinement,
  makeLinks,
  optionsResumeIgnores,
  type RefinementLink,
  refineScores,
  stagesRead,
} from "./refinement/chain.ts";
export { type ClassScores, mapsOfScores, strongestClass } from "./refinement/class_scores.ts";
export { estimateMasks, MASK_BYTES, type MaskSettings, UNTIMED } from "./refinement/estimate.ts";
export {
  NetworkRefinement,
  type NetworkRefinementOptions,
} from "./refinement/network_refinement.ts";
export {
  PIXEL_ADAPTIVE,
  pixelAdaptive,
  type PixelAdaptiveOptions,
} from "./refinement/pixel_adaptive.ts";
export { resizeScores } from "./refinement/resize_scores.ts";
export {
  checkScores,
  CLASS_SCORES,
  scoresOf,
  type ScoreSource,
} from "./refinement/score_source.ts";
export { SCORE_STORES, type ScoreStore, writeScores } from "./refinement/score_store.ts";

// Scores: metrics and their results.
export {
  type Choice,
  choiceNotes,
  type ChosenBy,
  ChosenOptions,
  orChosen,
} from "./scores/choice.ts";
export {
  type EvaluationOptions,
  evaluationOptions,
  makeMetrics,
  needsMask,
} from "./scores/evaluation_options.ts";
export { readResult, RESULT, type Result, scoredName } from "./scores/result.ts";
export { checkGivesThreshold, thresholdOf, USUAL_ALPHA } from "./scores/threshold.ts";
export { howChosen } from "./scores/threshold_text.ts";

// Parts of stages.
export * from "./stages/artifacts.ts";
export { forEachImage } from "./stages/for_each_image.ts";
export { forEachPendingImage, MASKS } from "./stages/for_each_pending_image.ts";
export {
  type CamInference,
  type CamInferenceSettings,
  camStage,
  type CamStageOptions,
  camStageOptions,
} from "./stages/cam_inference.ts";
export { checkLabelled, labelledImages, noteRemarks } from "./stages/labelled.ts";
export { checkLearned } from "./stages/learned_classes.ts";
export { ImageShare, shardsOf } from "./stages/image_share.ts";
export { pendingImages } from "./stages/pending_images.ts";
export { plannedNetwork } from "./stages/planned_network.ts";
export { plannedOutputs } from "./stages/planned_outputs.ts";
export { checkImages } from "./stages/source.ts";

// Memory and work in advance.
export { type Arithmetic, arithmetic } from "../forecast/kernel_work.ts";
export type { HeldBytes } from "../forecast/shape_backend.ts";
export type { KernelInputs } from "../forecast/shape_rule.ts";
export { type MachineMemory, machineMemory } from "../forecast/machine_memory.ts";
export { type Trace, trace } from "../forecast/trace.ts";
export { sumWork } from "../forecast/work.ts";
export type { Amount, Work, WorkKind } from "../../core/contracts/work.ts";
