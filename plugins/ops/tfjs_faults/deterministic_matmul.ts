import * as tf from "@tensorflow/tfjs";

/** `MatMulPackedProgram` of tfjs's `MatMulProgramType`. */
const MATMUL_PACKED = 3;

/**
 * tfjs splits the inner dimension of some matrix products on webgpu over workgroups and adds the parts with float atomics, in
 * whatever order they finish: the same product differs from run to run by some 3e-5. To see it: multiply [8,4096] by [4096,8]
 * twenty times with the flag at -1. The packed program adds in one order.
 */
export function installDeterministicMatMul(): void {
  tf.env().set("WEBGPU_MATMUL_PROGRAM_TYPE", MATMUL_PACKED);
}
