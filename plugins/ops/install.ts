import { installConv2dGradient } from "./conv/conv2d_gradient.ts";
import { installCpuConv2d } from "./conv/cpu_conv2d.ts";
import { installCpuConvGradients } from "./conv/cpu_gradients.ts";
import { installCumsumGradient } from "./tfjs_faults/cumsum_gradient.ts";
import { installDepthwiseGradient } from "./depthwise/depthwise_gradient.ts";
import { installDeterministicMatMul } from "./tfjs_faults/deterministic_matmul.ts";
import { installFreeDuringBackward } from "./tfjs_faults/free_during_backward.ts";
import {
  installWasmMaxPoolGradient,
  installWebgpuMaxPoolGradient,
} from "./pool/max_pool_gradient.ts";
import { installResizeBilinearGradient } from "./tfjs_faults/resize_bilinear_gradient.ts";
import { installSelectLargest } from "./select_largest/install_cpu.ts";
import { installSelectLargestWebgpu } from "./select_largest/install_webgpu.ts";
import { installWasmConv2d } from "./conv/install_wasm.ts";
import { installWasmConvGradients } from "./conv/install_wasm_gradients.ts";
import { installWasmEqual } from "./tfjs_faults/wasm_equal.ts";
import { installWasmFirstMaximum } from "./max_one/install_wasm.ts";
import { installWasmFrozenNorm } from "./frozen_norm/install_wasm.ts";
import { installWasmIdentity } from "./tfjs_faults/wasm_identity.ts";
import { installWasmInterpolate } from "./interpolate/install_wasm.ts";
import { installWasmMatMul } from "./matmul/install_wasm.ts";
import { installWasmMissingKernels } from "./tfjs_faults/wasm_missing_kernels.ts";
import { installWebgpuBnReluConv2d } from "./bn_relu_conv/install_webgpu.ts";
import { installWasmReductions } from "./reduce/install_wasm.ts";
import { installWasmSlices } from "./tfjs_faults/wasm_slices.ts";
import { installWebgpuConvolutions } from "./conv/install_webgpu.ts";
import { installWebgpuCast } from "./tfjs_faults/webgpu_cast.ts";
import { installWebgpuCumulative } from "./tfjs_faults/webgpu_cumulative.ts";
import { installWebgpuHalfPrecision } from "./elementwise/install_webgpu.ts";
import { installWebgpuIntegerAxes } from "./tfjs_faults/webgpu_integer_axes.ts";
import { installWebgpuInterpolate } from "./interpolate/install_webgpu.ts";
import { installWebgpuFrozenNorm } from "./frozen_norm/install_webgpu.ts";
import { installWebgpuLargeTensors } from "./webgpu/large_tensors.ts";
import { installWebgpuTranspose } from "./tfjs_faults/webgpu_transpose.ts";
import { installWebgpuWeightedSum } from "./weighted_sum/install_webgpu.ts";
import { installWebgpuMaxOne } from "./max_one/install_webgpu.ts";
import { installWebgpuPixelCorrelation } from "./correlation/install_webgpu.ts";
import { installWebgpuReductions } from "./reduce/install_webgpu.ts";
import { installWebgpuSgdUpdate } from "./sgd_update/install_webgpu.ts";

/** Backends whose faults are known. */
export type BackendName = "webgpu" | "wasm" | "cpu";

const installed = new Set<BackendName | "gradients">();

/** Faults that all backends share: gradients are registered once, for all of them. */
function installGradients(): void {
  installConv2dGradient();
  installDepthwiseGradient();
  installResizeBilinearGradient();
  installCumsumGradient();
  installFreeDuringBackward();
}

const byBackend: Readonly<Record<BackendName, () => void>> = {
  webgpu() {
    installDeterministicMatMul();
    installSelectLargestWebgpu();
    installWebgpuMaxPoolGradient();
    installWebgpuCast();
    installWebgpuTranspose();
    // Cumulative sums and reductions wrap it.
    installWebgpuIntegerAxes();
    installWebgpuCumulative();
    installWebgpuPixelCorrelation();
    installWebgpuInterpolate();
    installWebgpuMaxOne();
    installWebgpuReductions();
    installWebgpuSgdUpdate();
    installWebgpuConvolutions();
    installWebgpuBnReluConv2d();
    installWebgpuFrozenNorm();
    installWebgpuWeightedSum();
    // These two wrap what the others registered.
    installWebgpuHalfPrecision();
    installWebgpuLargeTensors();
  },
  wasm() {
    installSelectLargest("wasm");
    installWasmMatMul();
    installWasmConv2d();
    installWasmConvGradients();
    installWasmEqual();
    installWasmFirstMaximum();
    installWasmFrozenNorm();
    installWasmIdentity();
    installWasmInterpolate();
    installWasmMaxPoolGradient();
    installWasmMissingKernels();
    installWasmReductions();
    installWasmSlices();
  },
  cpu() {
    installSelectLargest("cpu");
    installCpuConv2d();
    installCpuConvGradients();
  },
};

/**
 * Mends every known fault of tfjs that matters on one backend. Does nothing the second time. The backend's package must have been
 * imported; it need not be initialised yet. Two faults are mended on the running backend instead: see wasm_out_of_memory.ts, and
 * plugins/backends for WebGPU's device.
 *
 * @param backendName the tfjs backend
 */
export function installFixes(backendName: BackendName): void {
  if (!installed.has("gradients")) installGradients();
  installed.add("gradients");
  if (!installed.has(backendName)) byBackend[backendName]();
  installed.add(backendName);
}
