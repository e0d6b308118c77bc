import { messageOf, userError } from "../../../core/errors.ts";

/** Which adapter to prefer on a machine with two. */
export type PowerPreference = "high-performance" | "low-power";

/** Limits that tfjs's kernels and ours use. We ask for all that the adapter has; below these floors nothing runs. */
const FLOORS = {
  maxBufferSize: 256 * 2 ** 20,
  maxStorageBufferBindingSize: 128 * 2 ** 20,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupStorageSize: 16 * 2 ** 10,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupSizeY: 256,
  maxComputeWorkgroupSizeZ: 64,
  maxComputeWorkgroupsPerDimension: 65535,
} as const;

/** Optional features: kernel timing for profiles, and half precision. Requesting one that an adapter lacks is an error. */
const FEATURES: readonly GPUFeatureName[] = ["timestamp-query", "shader-f16"];

const HELP = 'use "backend: wasm", which needs no GPU';

/** An adapter, or why there is none. */
export type FoundAdapter = { readonly adapter: GPUAdapter } | { readonly reason: string };

/** Adapters that were looked at and not used for a device yet. */
const seen = new WeakMap<GPU, Map<PowerPreference, Promise<FoundAdapter>>>();

/**
 * Finds a WebGPU adapter to request a device of. It is the caller's alone: an adapter gives one device.
 *
 * @param powerPreference which one, on a machine with two
 * @returns the adapter, or why there is none
 */
export async function findAdapter(powerPreference: PowerPreference): Promise<FoundAdapter> {
  const found = lookAtAdapter(powerPreference);
  const gpu = navigator.gpu as GPU | undefined;
  if (gpu !== undefined) seen.get(gpu)?.delete(powerPreference);
  return await found;
}

/**
 * Looks at the WebGPU adapter that {@linkcode findAdapter} gives next, to decide by its description. Asking loads every driver, and
 * on a machine without a display they complain on standard error each time: an adapter is asked for once.
 *
 * @param powerPreference which one, on a machine with two
 * @returns the adapter, to be read only, or why there is none
 */
export async function lookAtAdapter(powerPreference: PowerPreference): Promise<FoundAdapter> {
  // The types say that WebGPU is always there; a Deno built without it, and many a browser, has no `navigator.gpu`.
  const gpu = navigator.gpu as GPU | undefined;
  if (gpu === undefined) return { reason: "WebGPU is not there (no navigator.gpu)" };
  const ofThisGpu = seen.get(gpu) ?? new Map<PowerPreference, Promise<FoundAdapter>>();
  seen.set(gpu, ofThisGpu);
  const asked = ofThisGpu.get(powerPreference) ?? ask(gpu, powerPreference);
  ofThisGpu.set(powerPreference, asked);
  let has = false;
  try {
    const found = await asked;
    has = "adapter" in found;
    return found;
  } finally {
    // Where there is none, or asking fails, a driver may come later.
    if (!has && ofThisGpu.get(powerPreference) === asked) ofThisGpu.delete(powerPreference);
  }
}

async function ask(gpu: GPU, powerPreference: PowerPreference): Promise<FoundAdapter> {
  const adapter = await gpu.requestAdapter({ powerPreference });
  if (adapter === null) {
    return { reason: "no WebGPU adapter was found (no GPU, or no Vulkan, Metal or D3D12 driver)" };
  }
  return { adapter };
}

/**
 * Whether an adapter computes on the CPU.
 *
 * @param adapter any adapter
 * @returns whether it computes on the CPU (lavapipe, SwiftShader, WARP)
 */
export function isSoftware(adapter: GPUAdapter): boolean {
  return adapter.info.isFallbackAdapter ||
    /llvmpipe|lavapipe|swiftshader|basic render/i.test(describeAdapter(adapter));
}

/**
 * Whether an adapter's compiler takes minutes for a kernel that holds a hundred vectors in registers.
 *
 * @param adapter any adapter
 * @returns whether it is SwiftShader
 */
export function hasSlowCompiler({ info: { description, architecture } }: GPUAdapter): boolean {
  return /swiftshader/i.test(`${description} ${architecture}`);
}

/**
 * Human-readable name of an adapter.
 *
 * @param adapter any adapter
 * @returns its name
 */
export function describeAdapter(adapter: GPUAdapter): string {
  const { description, vendor, architecture, device } = adapter.info;
  if (description !== "") return description;
  // Browsers tell no more than the maker and the family.
  return [vendor, architecture, device].filter((word) => word !== "").join(" ") ||
    "unnamed adapter";
}

/**
 * Requests a device with all limits that the adapter has. tfjs's own request leaves `maxStorageBuffersPerShaderStage` at 8, so
 * kernels with more inputs fail, and asks for features by a nested list that Deno cannot convert ("requiredFeatures … can not be
 * converted to a enum").
 *
 * @param adapter not used for a device before
 * @returns the device
 * @throws Error, a user error, where a limit is below what the kernels need, or the driver gives no device
 */
export async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const requiredLimits: Record<string, number> = {};
  for (const [name, floor] of Object.entries(FLOORS)) {
    const limit = adapter.limits[name as keyof typeof FLOORS];
    if (limit < floor) {
      throw userError(
        new Error(
          `Cannot compute on ${
            describeAdapter(adapter)
          }: its ${name} is ${limit}, at least ${floor} is needed; ${HELP}`,
        ),
      );
    }
    requiredLimits[name] = limit;
  }
  try {
    return await adapter.requestDevice({
      requiredLimits,
      requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    });
  } catch (error) {
    throw userError(
      new Error(
        `Cannot compute on ${describeAdapter(adapter)}: it gave no device (${
          messageOf(error)
        }); ${HELP}`,
        { cause: error },
      ),
    );
  }
}

/**
 * The error for a machine without a WebGPU adapter.
 *
 * @param reason what {@linkcode findAdapter} found
 * @returns a user error
 */
export function noAdapter(reason: string): Error {
  return userError(new Error(`Cannot use backend webgpu: ${reason}; ${HELP}`));
}
