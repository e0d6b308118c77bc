import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { BackendInfo } from "../../core/contracts/backend.ts";
import type { PluginFactory } from "../../core/registry/plugin.ts";
import { ops } from "../ops/list.ts";

/** What a page may compute on; `auto` is WebGPU where there is a real GPU, else WebAssembly. */
export const BACKEND_CHOICES = ["auto", "webgpu", "wasm", "cpu"] as const;
/** One of {@linkcode BACKEND_CHOICES}. */
export type BackendChoice = (typeof BACKEND_CHOICES)[number];

let wasmAt: string | undefined;

/**
 * Makes a backend tfjs's current one, in a page or a Worker of one.
 *
 * @param factory makes backends
 * @param choice which one
 * @param wasm address of the folder with `tfjs-backend-wasm-simd.wasm`, from npm `@tensorflow/tfjs-backend-wasm`; ends with a slash. The
 *   first one that is given holds
 * @returns what computes
 * @throws {Error} a user error, where the browser has no such backend
 */
export async function prepareBackend(
  factory: PluginFactory,
  choice: BackendChoice,
  wasm: string,
): Promise<BackendInfo> {
  if (wasmAt === undefined) {
    wasmAt = wasm;
    setWasmPaths(wasm);
  }
  const backend = await factory.create("backend", { use: choice }, undefined);
  return await backend.prepare(ops);
}
