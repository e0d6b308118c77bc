import * as z from "zod";

/** What gradients travel as between ranks. */
export type Wire = z.infer<typeof wire>;

/** The option of groups that names it. */
export const wire = z.enum(["f32", "f16"]).default("f32").describe(
  "What gradients travel as between ranks; f16 halves the bytes and keeps 11 bits of each number, so that the bits of a result depend on the number of ranks",
);
