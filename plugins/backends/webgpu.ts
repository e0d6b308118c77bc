import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import type { Backend, BackendInfo, Memory, Precision } from "../../core/contracts/backend.ts";
import type { Op } from "../../core/contracts/op.ts";
import { installOps } from "../ops/install.ts";
import { definePlugin } from "../../core/registry/plugin.ts";
import { GuardedWebGPUBackend } from "./guarded_webgpu.ts";
import { precision } from "./precision.ts";
import { quietNodeBanner } from "./quiet.ts";
import {
  describeAdapter,
  findAdapter,
  hasSlowCompiler,
  isSoftware,
  lookAtAdapter,
  noAdapter,
  type PowerPreference,
  requestDevice,
} from "../ops/webgpu/device.ts";

/** Memory that is assumed of a GPU, in bytes. */
const ASSUMED_BYTES = 4e9;

/** The running backend: one device per process serves every recipe. */
let current:
  | {
    readonly backend: GuardedWebGPUBackend;
    readonly info: BackendInfo;
    readonly power: PowerPreference;
  }
  | undefined;

/** tfjs on Deno's WebGPU. */
class WebGpuBackend implements Backend {
  readonly #power: PowerPreference;
  readonly #memory: number | undefined;
  readonly #precision: Precision;

  constructor(power: PowerPreference, memory: number | undefined, precision: Precision) {
    this.#power = power;
    this.#memory = memory;
    this.#precision = precision;
  }

  async available(): Promise<{ ok: true } | { ok: false; reason: string }> {
    const found = await lookAtAdapter(this.#power);
    return "adapter" in found ? { ok: true } : { ok: false, reason: found.reason };
  }

  async prepare(ops: readonly Op[]): Promise<BackendInfo> {
    quietNodeBanner();
    installOps("webgpu", ops);
    if (
      current === undefined || current.backend.lost !== undefined || current.power !== this.#power
    ) {
      current = await start(this.#power);
    }
    await tf.setBackend("webgpu");
    current.backend.pool.memoryBytes = (this.#memory ?? Infinity) * 1e9;
    current.backend.activations.precision = this.#precision;
    return { ...current.info, memory: memoryOf(this.#memory), precision: this.#precision };
  }
}

/** WebGPU does not tell how much memory an adapter has. */
function memoryOf(memory: number | undefined): Memory {
  return memory === undefined
    ? {
      bytes: ASSUMED_BYTES,
      from: "4 GB are assumed, WebGPU does not tell; backend.memory says how many there are",
      counts: "allocated",
    }
    : { bytes: memory * 1e9, from: "backend.memory", counts: "used" };
}

/** Registers a backend on a device that we request, in place of the one that tfjs would create. */
async function start(power: PowerPreference): Promise<NonNullable<typeof current>> {
  const found = await findAdapter(power);
  if (!("adapter" in found)) throw noAdapter(found.reason);
  const { adapter } = found;
  const backend = new GuardedWebGPUBackend(
    await requestDevice(adapter),
    adapter.info,
    { software: isSoftware(adapter), slowCompiler: hasSlowCompiler(adapter) },
  );
  tf.removeBackend("webgpu");
  tf.registerBackend("webgpu", () => backend, 3);
  const info: BackendInfo = {
    name: "webgpu",
    device: describeAdapter(adapter),
    software: isSoftware(adapter),
    maxTensorBytes: backend.maxTensorBytes,
    check: () => backend.check(),
    purge: () => backend.purge(),
  };
  return { backend, info, power };
}

/** The WebGPU backend. */
export const webgpuBackend = definePlugin({
  kind: "backend",
  name: "webgpu",
  summary: "the GPU, through Deno's WebGPU",
  options: z.strictObject({
    powerPreference: z.enum(["high-performance", "low-power"]).default("high-performance")
      .describe("which adapter to take on a machine with two"),
    memory: z.number().positive().optional().describe(
      "GB that buffers may take: those kept for reuse are freed beyond it, micro-batches of `auto` are chosen by it; 4 are assumed " +
        "for that where not given",
    ),
    precision,
  }),
  create: ({ powerPreference, memory, precision = "f32" }) =>
    new WebGpuBackend(powerPreference, memory, precision),
});
