import { installConv2dGradient } from "./conv2d_gradient.ts";
import { installCpuConv2d } from "./cpu_conv2d.ts";
import { installCpuConvGradients } from "./cpu_conv_gradients.ts";
import { installCumsumGradient } from "./cumsum_gradient.ts";
import { installDepthwiseGradient } from "./depthwise_gradient.ts";
import { installDeterministicMatMul } from "./deterministic_matmul.ts";
import { installFreeDuringBackward } from "./free_during_backward.ts";
import { installWasmMaxPoolGradient, installWebgpuMaxPoolGradient } from "./max_pool_gradient.ts";
import { installResizeBilinearGradient } from "./resize_bilinear_gradient.ts";
import { installSelectLargest } from "./select_largest_kernel.ts";
import { installSelectLargestWebgpu } from "./select_largest_webgpu.ts";
import { installWasmConv2d } from "./wasm_conv2d.ts";
import { installWasmConvGradients } from "./wasm_conv_gradients.ts";
import { installWasmEqual } from "./wasm_equal.ts";
import { installWasmFirstMaximum } from "./wasm_first_maximum.ts";
import { installWasmFrozenNorm } from "./wasm_frozen_norm.ts";
import { installWasmIdentity } from "./wasm_identity.ts";
import { installWasmInterpolate } from "./wasm_interpolate.ts";
import { installWasmMatMul } from "./wasm_matmul.ts";
import { installWasmMissingKernels } from "./wasm_missing_kernels.ts";
import { installWebgpuBnReluConv2d } from "./webgpu_bn_relu_conv2d.ts";
import { installWasmReductions } from "./wasm_reductions.ts";
import { installWasmSlices } from "./wasm_slices.ts";
import { installWebgpuConvolutions } from "./webgpu_convolutions.ts";
import { installWebgpuCast } from "./webgpu_cast.ts";
import { installWebgpuCumulative } from "./webgpu_cumulative.ts";
import { installWebgpuHalfPrecision } from "./webgpu_half_precision.ts";
import { installWebgpuIntegerAxes } from "./webgpu_integer_axes.ts";
import { installWebgpuInterpolate } from "./webgpu_interpolate.ts";
import { installWebgpuFrozenNorm } from "./webgpu_frozen_norm.ts";
import { installWebgpuLargeTensors } from "./webgpu_large_tensors.ts";
import { installWebgpuTranspose } from "./webgpu_transpose.ts";
import { installWebgpuWeightedSum } from "./webgpu_weighted_sum.ts";
import { installWebgpuMaxOne } from "./webgpu_max_one.ts";
import { installWebgpuPixelCorrelation } from "./webgpu_pixel_correlation.ts";
import { installWebgpuReductions } from "./webgpu_reductions.ts";
import { installWebgpuSgdUpdate } from "./webgpu_sgd_update.ts";

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
