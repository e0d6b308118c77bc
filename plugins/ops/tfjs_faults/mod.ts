import type { BackendName } from "../define/spec.ts";
import { installCpuBinary } from "./cpu_binary.ts";
import { installCpuMoves } from "./cpu_moves.ts";
import { installCpuReductions } from "./cpu_reductions.ts";
import { installCumsumGradient } from "./cumsum_gradient.ts";
import { installDeterministicMatMul } from "./deterministic_matmul.ts";
import { installFreeDuringBackward } from "./free_during_backward.ts";
import { installResizeBilinearGradient } from "./resize_bilinear_gradient.ts";
import { installSavedTensors } from "./saved_tensors.ts";
import { installSumGradients } from "./sum_gradients.ts";
import { installWasmBroadcast } from "./wasm_broadcast.ts";
import { installWasmEqual } from "./wasm_equal.ts";
import { installWasmIdentity } from "./wasm_identity.ts";
import { installWasmMissingKernels } from "./wasm_missing_kernels.ts";
import { installWasmMoves } from "./wasm_moves.ts";
import { installWasmSlices } from "./wasm_slices.ts";
import { installWebgpuAddN } from "./webgpu_add_n.ts";
import { installWebgpuCast } from "./webgpu_cast.ts";
import { installWebgpuCumulative } from "./webgpu_cumulative.ts";
import { installWebgpuIntegerAxes } from "./webgpu_integer_axes.ts";
import { installWebgpuTranspose } from "./webgpu_transpose.ts";

const installed = new Set<BackendName>();

/** Faults that all backends share: gradients are registered once, for all of them. */
function installGradients(): void {
  installResizeBilinearGradient();
  installCumsumGradient();
  installSumGradients();
  installFreeDuringBackward();
  installSavedTensors();
}

const byBackend: Readonly<Record<BackendName, () => void>> = {
  webgpu() {
    installDeterministicMatMul();
    installWebgpuAddN();
    installWebgpuCast();
    installWebgpuTranspose();
    // Cumulative sums wrap it.
    installWebgpuIntegerAxes();
    installWebgpuCumulative();
  },
  wasm() {
    installWasmBroadcast();
    // Has a way of its own for some of what that expands.
    installWasmEqual();
    installWasmIdentity();
    installWasmMissingKernels();
    installWasmMoves();
    installWasmSlices();
  },
  cpu() {
    installCpuBinary();
    installCpuMoves();
    installCpuReductions();
  },
};

/**
 * Fixes every known fault of tfjs that matters on one backend and is not covered by an operation of this project. Does nothing when
 * called again. Two faults are fixed on the initialised backend instead: see wasm_out_of_memory.ts, and plugins/backends for
 * WebGPU's device.
 *
 * @param backendName the tfjs backend
 */
export function installFixes(backendName: BackendName): void {
  if (installed.size === 0) installGradients();
  if (!installed.has(backendName)) byBackend[backendName]();
  installed.add(backendName);
}
