/**
 * Contracts, recipes, runs, data, images and file formats: what every plugin is written against.
 *
 * A plugin is the value of {@linkcode definePlugin}: a kind, a name, a schema of its options and a function that makes it. Each kind has
 * a contract: {@linkcode Backbone}, {@linkcode Head}, {@linkcode Method}, {@linkcode View}, {@linkcode Loss}, {@linkcode Optimizer},
 * {@linkcode Schedule}, {@linkcode Transform}, {@linkcode Dataset}, {@linkcode Metric}, {@linkcode Weights}, {@linkcode Refinement},
 * {@linkcode Stage}, {@linkcode Observer}, {@linkcode Backend}, {@linkcode GroupPlugin}, {@linkcode Op}, {@linkcode Fixture}. {@linkcode loadRecipe} and
 * {@linkcode runRecipe} run what recipes name. For data sets, transforms and stages there are samples, images as Pillow reads and
 * resizes them, and files of PyTorch, NumPy and safetensors.
 *
 * Operations on tensors are in `seamstress/ops`, what methods are made of in `seamstress/wsss`; the plugins that ship and `defineRecipe`
 * in `seamstress/plugins`. This module loads no TensorFlow.js, so that data-loading Workers start fast.
 *
 * @example A schedule
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { definePlugin } from "seamstress";
 * import * as z from "zod";
 * const half = definePlugin({
 *   kind: "schedule",
 *   name: "half",
 *   summary: "the second half of training at a lower rate",
 *   options: z.strictObject({ rate: z.number().positive().default(0.1) }),
 *   create: ({ rate }) => ({ factor: (step, total) => step < total / 2 ? 1 : rate }),
 * });
 * assertEquals(half.options.parse({}), { rate: 0.1 });
 * ```
 *
 * @module
 */

// Plugins: what they are and the contract of each kind.
export { show } from "./core/registry/option_errors.ts";
export { own } from "./core/registry/own.ts";
export {
  type Contracts,
  definePlugin,
  type Kind,
  KINDS,
  type Plugin,
  type PluginFactory,
  type Use,
} from "./core/registry/plugin.ts";
export {
  filePath,
  type InputOf,
  pluginOption,
  type Reference,
  type Referred,
} from "./core/registry/plugin_option.ts";
export { Registry } from "./core/registry/registry.ts";
export { didYouMean } from "./core/registry/suggest.ts";
export * from "./core/contracts/artifact.ts";
export * from "./core/contracts/backbone.ts";
export * from "./core/contracts/backend.ts";
export * from "./core/contracts/checkpoint_store.ts";
export * from "./core/contracts/data_commands.ts";
export * from "./core/contracts/dataset.ts";
export * from "./core/contracts/fixture.ts";
export * from "./core/contracts/forward_context.ts";
export * from "./core/contracts/group.ts";
export * from "./core/contracts/head.ts";
export * from "./core/contracts/loss.ts";
export * from "./core/contracts/method.ts";
export * from "./core/contracts/metric.ts";
export * from "./core/contracts/network.ts";
export * from "./core/contracts/observer.ts";
export * from "./core/contracts/op.ts";
export * from "./core/contracts/optimizer.ts";
export * from "./core/contracts/params.ts";
export * from "./core/contracts/refinement.ts";
export * from "./core/contracts/schedule.ts";
export * from "./core/contracts/stage.ts";
export * from "./core/contracts/training_part.ts";
export * from "./core/contracts/transform.ts";
export * from "./core/contracts/view.ts";
export * from "./core/contracts/weights.ts";
export * from "./core/contracts/write_file.ts";

// Recipes and runs.
export {
  type PluginName,
  type RecipeInput,
  recipesFor,
  type Typed,
  type Written,
  type WrittenRecipe,
} from "./plugins/recipe_files/define.ts";
export { DEFAULT_LIMITS, type Limits } from "./core/recipe/limits.ts";
export { type LoadedRecipe, type LoadOptions, loadWritten } from "./core/recipe/load.ts";
export { folderOf, fromFileUrl, resolvePath, toFileUrl } from "./core/recipe/paths.ts";
export type { Recipe, RecipeStage } from "./core/recipe/schema.ts";
export type { RunOptions } from "./core/run/run.ts";
export { serveStages } from "./core/run/serve_stages.ts";
export { makeManifest, type Manifest } from "./core/run/manifest.ts";
export type { PlanOptions } from "./core/run/plan.ts";
export { readArtifact } from "./core/run/stages/artifact_info.ts";
export { type Marker, readMarker } from "./core/run/stages/marker.ts";
export type { Selection } from "./core/run/stages/selection.ts";
export type { Stop } from "./core/run/stop.ts";
export { TreeSum } from "./core/trainer/tree_sum.ts";
export { type ModuleFile, type ModuleGraph, readModuleGraph } from "./plugins/modules/graph.ts";
export { type Job, jobDifference, makeJob, type Places } from "./plugins/modules/job.ts";
export type { SourceHashes } from "./plugins/modules/source_hashes.ts";
export { runRecipe } from "./plugins/modules/run_recipe.ts";
export { loadRecipe } from "./plugins/recipe_files/load.ts";

// Random numbers, parameters and networks.
export { Rng } from "./core/rng.ts";

// Samples and data loading.
export { type PackedError, packError, unpackError } from "./plugins/formats/packed_error.ts";
export { inParallel } from "./plugins/formats/in_parallel.ts";
export { oneAtATime } from "./plugins/formats/one_at_a_time.ts";
export { readAhead } from "./plugins/formats/read_ahead.ts";
export type { Raster, Sample } from "./core/data/sample.ts";

// Images: JPEG and PNG, resized as Pillow resizes them, and masks.
export { withAlpha } from "./plugins/images/alpha.ts";
export { exifOrientation } from "./plugins/images/exif_orientation.ts";
export { imageFormat } from "./plugins/images/format.ts";
export { HEADER_BYTES, type ImageSize, imageSize } from "./plugins/images/image_size.ts";
export { decodeJpeg } from "./plugins/images/jpeg.ts";
export { mapRasters } from "./plugins/images/map_rasters.ts";
export { maskFilesIn } from "./plugins/images/mask_files.ts";
export { hasMask, maskFile, readMask, readMaskAt, writeMask } from "./plugins/images/mask_store.ts";
export { resizeBicubic } from "./plugins/images/pillow_bicubic.ts";
export { resizeNearest } from "./plugins/images/pillow_nearest.ts";
export { uint8Pixels } from "./plugins/images/pixels.ts";
export { decodePng, encodeIndexedPng, encodeRgbPng, type Png } from "./plugins/images/png.ts";
export { decodePngNumbers } from "./plugins/images/png_numbers.ts";
export { decodeRgbPng } from "./plugins/images/png_rgb.ts";
export { resizeSample, sizeOfLongSide } from "./plugins/images/resize_sample.ts";
export { roundHalfEven } from "./plugins/images/round_half_even.ts";
export { type Colour, vocPalette } from "./plugins/images/voc_palette.ts";

// Files of state dicts, NumPy and PyTorch, read as data.
export { brokenLink, noSuchFile } from "./plugins/formats/no_such_file.ts";
export type { DType, StateArray, StateDict } from "./core/contracts/state_dict.ts";
export { decodeText, refuseWide } from "./plugins/formats/text.ts";
export { parseJsonLine, parseJsonLines } from "./plugins/formats/json_lines.ts";
export { byteBudget } from "./plugins/formats/byte_budget.ts";
export { type Broken, ByteReader } from "./plugins/formats/byte_reader.ts";
export { type ByteSource, FileSource } from "./plugins/formats/byte_source.ts";
export { decodeElements, type Elements } from "./plugins/formats/elements.ts";
export { checkFiles } from "./plugins/formats/folder_files.ts";
export type { NdArray, NumpyData, NumpyType } from "./plugins/formats/numpy/ndarray.ts";
export { decodeNpy, decodeNpyDict, type NpyKey } from "./plugins/formats/numpy/npy.ts";
export { describeValue } from "./plugins/formats/pickle/describe.ts";
export { Opaque } from "./plugins/formats/pickle/opaque.ts";
export {
  encodeSafetensors,
  readSafetensors,
  readSafetensorsHeader,
  type Safetensors,
} from "./plugins/formats/safetensors.ts";
export {
  BYTES,
  type Entry as SafetensorsEntry,
  type Header as SafetensorsHeader,
} from "./plugins/formats/safetensors/header.ts";
export { readFinishedStage } from "./plugins/formats/finished_stage.ts";
export { readStored } from "./plugins/formats/stored_files.ts";
export { openArchive } from "./plugins/formats/torch/archive.ts";
export { openLegacy } from "./plugins/formats/torch/legacy.ts";
export type { Storage, StorageType } from "./plugins/formats/torch/storage.ts";
export { TensorRecord } from "./plugins/formats/torch/tensor_record.ts";
export type { TorchFile } from "./plugins/formats/torch/torch_file.ts";

// Errors that a user can put right.
export { isUserError, messageOf, userError, withAction } from "./core/errors.ts";

// Files that are written whole, hashes, and what a terminal is told.
export { writeAll, writeAtomic, writeError } from "./core/run/atomic.ts";
export { hashBytes, hashJson } from "./core/run/hash.ts";
export { hashFile } from "./core/run/stored/hash_file.ts";
export type { ModuleHashes } from "./core/run/stage_modules.ts";
export type { FileHashes } from "./core/run/stored/files.ts";
export { formatDuration } from "./plugins/command_line/duration.ts";
export { type Flags, flags } from "./plugins/command_line/flags.ts";
export { progressLine } from "./plugins/command_line/progress_line.ts";
export { formatBytes } from "./plugins/forecast/format_forecast.ts";
