/**
 * Networks in a page: load a run's checkpoint and compute its CAMs, and the affinities and random walk of a pixel, from bytes.
 *
 * {@linkcode prepareBackend} chooses WebGPU, WebAssembly or JavaScript; {@linkcode modelFromBytes} makes a checkpoint's network of
 * {@linkcode networkPlugins}; {@linkcode inferPhotograph} gives its CAMs, {@linkcode pixelAffinity} a pixel's row of SEAM's PCM,
 * {@linkcode inferAffinity} AffinityNet's affinities, {@linkcode walkFromPixel} its random walk; {@linkcode inferBoundaries} IRN's class
 * boundaries, {@linkcode boundaryWalkFromPixel} the walk within them. All of it is what runs compute in Deno, by the same code.
 *
 * A page has no Deno: bundled with what is unused left out, as every bundler does, this module names it nowhere, and no module uses it
 * when it is loaded. `seamstress` itself reads files; take from there types alone.
 *
 * ```ts
 * import { modelFromBytes, networkPlugins, prepareBackend, Registry } from "seamstress/browser";
 * const registry = new Registry(networkPlugins);
 * export async function load(network: Parameters<typeof modelFromBytes>[1], weights: string) {
 *   await prepareBackend(registry, "auto", "/wasm/");
 *   const bytes = new Uint8Array(await (await fetch(weights)).arrayBuffer());
 *   return await modelFromBytes(registry, network, bytes, weights);
 * }
 * ```
 *
 * @module
 */

// What computes, and what networks are made of.
export { BACKEND_CHOICES, type BackendChoice, prepareBackend } from "./prepare_backend.ts";
export { networkPlugins } from "./network_plugins.ts";
export { Registry } from "../../core/registry/registry.ts";
export { oneAtATime } from "../formats/one_at_a_time.ts";
export { messageOf } from "../../core/errors.ts";

// A checkpoint's network, from the bytes of its weights.
export {
  type LoadedModel,
  modelFromBytes,
  type NetworkOfWeights,
} from "../wsss/inference/model_from_bytes.ts";
export type { Model } from "../wsss/training/model.ts";

// Photographs, and CAMs of them.
export { decodePhotograph } from "./decode_photograph.ts";
export { withAlpha, withoutAlpha } from "../images/alpha.ts";
export { jpegDecoderAt } from "./jpeg_at.ts";
export type { JpegDecoder } from "../images/jpeg_decoder.ts";
export {
  inferPhotograph,
  type InferredPhotograph,
  type WantedClasses,
} from "../wsss/inference/photograph.ts";
export type { PhotographSettings } from "../wsss/inference/photograph_settings.ts";
export { multiScaleCam } from "../wsss/inference/multi_scale_cam.ts";
export { imageBatch } from "../wsss/inference/image_batch.ts";
export { reduceLongSide } from "../wsss/inference/reduce.ts";

// What is alike to a pixel: by SEAM's PCM, by AffinityNet and IRN, and by their random walks.
export {
  comparesPixels,
  pixelAffinity,
  type PixelHead,
  type PixelVectors,
  pixelVectors,
} from "../wsss/pcm/pixel_affinity.ts";
export { inferAffinity } from "../affinitynet/head/infer.ts";
export { affinityOfPixel, walkFromPixel } from "../affinitynet/random_walk/pixel.ts";
export type { PairAffinity } from "../affinitynet/random_walk/transition.ts";
export { randomWalk, type WalkOptions } from "../affinitynet/random_walk/walk.ts";
export { inferBoundaries } from "../irn/head/infer.ts";
export { boundaryAffinityOfPixel, boundaryWalkFromPixel } from "../irn/boundary/pixel.ts";
export type { Boundaries, BoundaryWalkOptions } from "../irn/boundary/boundary_walk.ts";
