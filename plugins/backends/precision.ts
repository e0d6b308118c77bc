import * as z from "zod";

/** Option: how activations are stored, of a backend that can choose. */
export const precision = z.enum(["f32", "f16"]).optional().describe(
  "how activations and their gradients are stored, and weights where they are read; sums are f32, parameters too; f32 unless given",
);

/** The same option, of a backend that stores floats only: refusing `f16`, it names the backends that store float16. */
export const floatsOnly = z.enum(["f32", "f16"]).optional()
  .refine((stored) => stored === "f32", {
    error:
      'only backend webgpu stores activations in float16; use "backend: webgpu", or precision f32',
  })
  .describe("f16 is webgpu's alone");
