import * as z from "zod";

const deviation = z.number().positive();
const compat = z.number().min(0).describe("Weight of the kernel's messages (Potts)");

/** Options of the dense CRF; the defaults are those of the SEAM authors' `crf_inference`. */
export const denseCrfOptions = z.strictObject({
  iterations: z.int().min(0).max(1000).default(10).describe("Mean-field iterations"),
  gaussian: z.strictObject({
    sxy: deviation.default(3).describe("Standard deviation, pixels"),
    compat: compat.default(3),
  }).prefault({}).describe("Smoothness kernel: near pixels agree"),
  bilateral: z.strictObject({
    sxy: deviation.default(80).describe("Standard deviation, pixels"),
    srgb: deviation.default(13).describe("Standard deviation of each colour channel, 0..255"),
    compat: compat.default(10),
  }).prefault({}).describe("Appearance kernel: near pixels of like colour agree"),
});

/** What {@linkcode denseCrfOptions} gives. */
export type DenseCrfOptions = z.output<typeof denseCrfOptions>;
