import type { BackendInfo, Plugin } from "seamstress";
import * as tf from "@tensorflow/tfjs";
import { registryWith } from "./registry.ts";

/** A tfjs backend's name. */
export type TestedBackend = "cpu" | "wasm" | "webgpu";

/** All of them. */
export const BACKENDS: readonly TestedBackend[] = ["cpu", "wasm", "webgpu"];

/** A backend that is set for as long as this lives. */
export interface Prepared extends AsyncDisposable {
  /** What it is. */
  readonly info: BackendInfo;
}

/**
 * Whether this machine has a backend.
 *
 * @param use its name
 * @returns why not, or undefined where it has
 */
export async function whyMissing(use: TestedBackend): Promise<string | undefined> {
  const backend = await registryWith().create("backend", { use }, undefined);
  const found = await backend.available();
  return found.ok ? undefined : found.reason;
}

/**
 * Sets a backend, with the operations that ship and those of `more`, until it is disposed: then the one is set that was before.
 *
 * @param use its name
 * @param more plugins beside those that ship
 * @returns what it is
 */
export async function prepareBackend(
  use: TestedBackend,
  more: readonly Plugin[] = [],
): Promise<Prepared> {
  const before = tf.getBackend();
  const registry = registryWith(more);
  const backend = await registry.create("backend", { use }, undefined);
  const info = await backend.prepare(await registry.createAll("op", undefined));
  return {
    info,
    async [Symbol.asyncDispose]() {
      if (before) await tf.setBackend(before);
    },
  };
}
