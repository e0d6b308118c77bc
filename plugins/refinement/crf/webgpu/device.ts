import { userError } from "seamstress";
import {
  describeAdapter,
  findAdapter,
  isSoftware,
  lookAtAdapter,
  requestDevice,
} from "seamstress/ops";
import { WebGpuMeanField } from "./mean_field.ts";

/** Devices on which mean-field inference can run. */
export const CRF_DEVICES = ["auto", "cpu", "webgpu"] as const;
/** One of {@linkcode CRF_DEVICES}. */
export type CrfDevice = (typeof CRF_DEVICES)[number];

/**
 * Decides where mean field runs.
 *
 * @param device as asked for
 * @param backend tfjs's backend, where one runs: `auto` asks for no GPU beside one that computes on the CPU
 * @returns one of the two
 * @throws {Error} a user error, where `webgpu` was asked for and there is no adapter
 */
export async function chooseDevice(
  device: CrfDevice,
  backend: string | undefined,
): Promise<"cpu" | "webgpu"> {
  if (device === "cpu") return "cpu";
  if (device === "auto" && (backend === "wasm" || backend === "cpu")) return "cpu";
  const found = await lookAtAdapter("high-performance");
  // The rule of `auto`: only a real GPU. A software adapter computes on these same cores, and slower than our WebAssembly does.
  if (device === "auto") return "adapter" in found && !isSoftware(found.adapter) ? "webgpu" : "cpu";
  if (!("adapter" in found)) throw noAdapter(found.reason);
  return "webgpu";
}

/**
 * Opens a device for mean field alone: what the tfjs backend computes neither waits for it nor fails with it.
 *
 * @returns mean field on it; to be closed
 * @throws {Error} a user error, where there is no adapter or its limits are too low
 */
export async function openWebGpuMeanField(): Promise<WebGpuMeanField> {
  const found = await findAdapter("high-performance");
  if (!("adapter" in found)) throw noAdapter(found.reason);
  const { adapter } = found;
  return new WebGpuMeanField({
    device: await requestDevice(adapter),
    name: describeAdapter(adapter),
  });
}

function noAdapter(reason: string): Error {
  return userError(
    new Error(`Cannot run the dense CRF on webgpu: ${reason}; use "device: cpu" or "device: auto"`),
  );
}
