import * as tf from "@tensorflow/tfjs";
import { type KernelCase, kernelCases } from "./kernels.ts";
import { baseline, seam } from "./mini_network.ts";
import { mobilenetStep } from "./mobilenet_step.ts";

/** A kernel or a step, and how often it is measured. */
export interface WasmCase extends KernelCase {
  readonly rounds: number;
}

/** @returns every kernel of ours, then whole training steps, forward and all gradients */
export async function wasmCases(): Promise<WasmCase[]> {
  const gradients = (loss: () => tf.Scalar) => () => void tf.variableGrads(loss);
  const mobilenet = await mobilenetStep(8, 224);
  return [
    ...kernelCases().map((one) => ({ ...one, rounds: 7 })),
    { name: "step of the mini network, baseline, batch 8", rounds: 7, run: gradients(baseline) },
    { name: "step of the mini network, SEAM, batch 8", rounds: 7, run: gradients(seam) },
    { name: "step of MobileNetV2 under SEAM, 224x224, batch 8", rounds: 1, run: mobilenet },
  ];
}
