/**
 * Every plugin that ships, and recipes in TypeScript that name them.
 *
 * @module
 */
import { recipesFor } from "./recipe_files/define.ts";
import type { Plugin } from "../core/registry/plugin.ts";
import { advcamPlugins } from "./advcam/mod.ts";
import { dataPlugins } from "./data.ts";
import { advcamFixture } from "./fixtures/advcam.ts";
import { affinityFixture } from "./fixtures/affinity.ts";
import { backboneFixture } from "./fixtures/backbone.ts";
import { colorJitterFixture } from "./fixtures/color_jitter.ts";
import { deeplabTrainFixture } from "./fixtures/deeplab_train.ts";
import { denseCrfFixture } from "./fixtures/dense_crf.ts";
import { methodStepFixture } from "./fixtures/method_step.ts";
import { irnWalkFixture } from "./fixtures/irn_walk.ts";
import { miouFixture } from "./fixtures/miou.ts";
import { multiscaleCamFixture } from "./fixtures/multiscale_cam.ts";
import { pilBicubicFixture } from "./fixtures/pil_bicubic.ts";
import { pixelAdaptiveFixture } from "./fixtures/pixel_adaptive.ts";
import { pthFixture } from "./fixtures/pth.ts";
import { seamForwardFixture } from "./fixtures/seam_forward.ts";
import { seamTrainFixture } from "./fixtures/seam_train.ts";
import { weightsFixture } from "./fixtures/weights.ts";
import { autoGroup } from "./groups/auto.ts";
import { mpiGroup } from "./groups/mpi.ts";
import { singleGroup } from "./groups/single.ts";
import { workersGroup } from "./groups/workers.ts";
import { irnPlugins } from "./irn/mod.ts";
import { networkParts } from "./networks.ts";
import { mctformerPlugins } from "./mctformer/mod.ts";
import { tocoPlugins } from "./toco/mod.ts";
import { affinityLoss } from "./affinitynet/loss.ts";
import { classificationLoss } from "./losses/classification.ts";
import { crossEntropyLoss } from "./losses/cross_entropy.ts";
import { denseEnergyLoss } from "./losses/dense_energy.ts";
import { ecrLoss } from "./losses/ecr.ts";
import { erLoss } from "./losses/er.ts";
import { minPoolingLoss } from "./losses/min_pooling.ts";
import { affinityMethod } from "./affinitynet/method.ts";
import { classificationCamMethod } from "./methods/classification_cam.ts";
import { seamMethod } from "./methods/seam.ts";
import { segmentationMethod } from "./methods/segmentation.ts";
import { miouMetric } from "./metrics/miou.ts";
import { confusionMetric } from "./metrics/confusion.ts";
import { multilabelMetric } from "./metrics/multilabel.ts";
import { ppcPlugins } from "./ppc/mod.ts";
import { consoleObserver } from "./observers/console.ts";
import { jsonlObserver } from "./observers/jsonl.ts";
import { profileObserver } from "./observers/profile.ts";
import { reportObserver } from "./observers/report.ts";
import { tensorboardObserver } from "./observers/tensorboard.ts";
import { ops } from "./ops/list.ts";
import { adam, adamw } from "./optimizers/adam.ts";
import { epsPlugins } from "./eps/mod.ts";
import { puzzleCamPlugins } from "./puzzle_cam/mod.ts";
import { recamPlugins } from "./recam/mod.ts";
import { sgd } from "./optimizers/sgd.ts";
import { denseCrfRefinement } from "./refinement/dense_crf.ts";
import { pixelAdaptiveRefinement } from "./refinement/pixel_adaptive.ts";
import { powerBackgroundRefinement } from "./refinement/power_background.ts";
import { randomWalkRefinement } from "./affinitynet/random_walk.ts";
import { thresholdRefinement } from "./refinement/threshold.ts";
import { constantSchedule } from "./schedules/constant.ts";
import { cosineSchedule } from "./schedules/cosine.ts";
import { polySchedule } from "./schedules/poly.ts";
import { rampSchedule } from "./schedules/ramp.ts";
import { warmupSchedule } from "./schedules/warmup.ts";
import { affinityLabelsStage } from "./affinitynet/affinity_labels.ts";
import { chooseStage } from "./stages/choose.ts";
import { evaluateStage } from "./stages/evaluate.ts";
import { exportStage } from "./stages/export.ts";
import { exportCamsStage } from "./stages/export_cams.ts";
import { exportTestStage } from "./stages/export_test_archive.ts";
import { importCheckpointStage } from "./stages/import_checkpoint.ts";
import { importCamsStage } from "./stages/import_cams.ts";
import { inferStage } from "./stages/infer.ts";
import { refineStage } from "./stages/refine.ts";
import { segmentStage } from "./stages/segment.ts";
import { trainStage } from "./stages/train.ts";
import { composeView } from "./views/compose.ts";
import { flipView } from "./views/flip.ts";
import { rescaleView } from "./views/rescale.ts";
import { rotateView } from "./views/rotate.ts";
import { translateView } from "./views/translate.ts";
import { mxnetWeights } from "./weights/mxnet.ts";
import { safetensorsWeights } from "./weights/safetensors.ts";
import { stageWeights } from "./weights/stage.ts";
import { torchWeights } from "./weights/torch.ts";

/** Every plugin that ships, by kind. */
export const plugins = [
  ...networkParts,
  autoGroup,
  singleGroup,
  mpiGroup,
  workersGroup,
  ...mctformerPlugins,
  ...tocoPlugins,
  classificationCamMethod,
  seamMethod,
  affinityMethod,
  segmentationMethod,
  ...epsPlugins,
  ...puzzleCamPlugins,
  rescaleView,
  flipView,
  rotateView,
  translateView,
  composeView,
  classificationLoss,
  minPoolingLoss,
  erLoss,
  ecrLoss,
  affinityLoss,
  crossEntropyLoss,
  denseEnergyLoss,
  sgd,
  adam,
  adamw,
  polySchedule,
  cosineSchedule,
  constantSchedule,
  warmupSchedule,
  rampSchedule,
  ...dataPlugins,
  ...ops,
  ...advcamPlugins,
  ...irnPlugins,
  denseCrfRefinement,
  thresholdRefinement,
  powerBackgroundRefinement,
  pixelAdaptiveRefinement,
  randomWalkRefinement,
  miouMetric,
  multilabelMetric,
  confusionMetric,
  safetensorsWeights,
  stageWeights,
  torchWeights,
  mxnetWeights,
  trainStage,
  inferStage,
  refineStage,
  chooseStage,
  affinityLabelsStage,
  evaluateStage,
  exportStage,
  importCheckpointStage,
  importCamsStage,
  exportCamsStage,
  segmentStage,
  exportTestStage,
  consoleObserver,
  jsonlObserver,
  tensorboardObserver,
  profileObserver,
  reportObserver,
  ...ppcPlugins,
  ...recamPlugins,
  weightsFixture,
  seamForwardFixture,
  seamTrainFixture,
  affinityFixture,
  advcamFixture,
  pthFixture,
  deeplabTrainFixture,
  backboneFixture,
  methodStepFixture,
  denseCrfFixture,
  multiscaleCamFixture,
  pixelAdaptiveFixture,
  pilBicubicFixture,
  colorJitterFixture,
  irnWalkFixture,
  miouFixture,
] as const satisfies readonly Plugin[];

/** Every operation that ships: what a backend is prepared with. */
export { ops };

/** Modules that data-loading Workers import. */
export const workerModules: readonly string[] = [import.meta.resolve("./data.ts")];

/** Modules that ranks of a run import: they export every plugin that ships. */
export const pluginModules: readonly string[] = [import.meta.url];

/** Types a recipe with every shipped plugin and option: `export default defineRecipe({ … })`. */
export const defineRecipe = recipesFor(plugins);
