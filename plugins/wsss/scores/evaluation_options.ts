import * as z from "zod";
import type { Metric } from "../../../core/contracts/metric.ts";
import { userError } from "../../../core/errors.ts";
import type { PluginFactory } from "../../../core/registry/plugin.ts";
import { filePath, pluginOption } from "../../../core/registry/plugin_option.ts";
import type { PluginOption } from "../training/plugin_option_type.ts";

/** Options of stage `evaluate`. */
export const evaluationOptions: z.ZodObject<{
  from: z.ZodOptional<z.ZodString>;
  masks: z.ZodOptional<z.ZodString>;
  split: z.ZodOptional<z.ZodString>;
  metric: z.ZodUnion<readonly [PluginOption<"metric">, z.ZodArray<PluginOption<"metric">>]>;
  maskScale: z.ZodDefault<z.ZodNumber>;
}, z.core.$strict> = z.strictObject({
  from: z.string().min(1).optional()
    .describe("Earlier stage whose CAMs, scores or masks are evaluated"),
  masks: filePath().optional()
    .describe(
      "Instead of from: folder of predicted masks, NAME.png, palette or grey class numbers",
    ),
  split: z.string().min(1).optional()
    .describe("Split to score, within the one that was inferred; that one where not given"),
  metric: z.union([pluginOption("metric"), z.array(pluginOption("metric")).min(1)])
    .describe("What to measure; several metrics give one table"),
  maskScale: z.number().positive().max(1).default(1)
    .describe("Evaluated size over the mask's; masks are resized by nearest neighbour"),
}).refine(
  ({ from, masks }) => (from === undefined) !== (masks === undefined),
  "expected either from, a stage, or masks, a folder",
);
/** Options of stage `evaluate`, checked. */
export type EvaluationOptions = z.output<typeof evaluationOptions>;

/**
 * Creates the metrics of an evaluation.
 *
 * @param metric as a recipe names them
 * @param factory makes them
 * @returns one or more
 * @throws {TypeError} where one is named twice: their numbers would share names
 */
export function makeMetrics(
  metric: EvaluationOptions["metric"],
  factory: PluginFactory,
): Promise<readonly Metric[]> {
  const uses = Array.isArray(metric) ? metric : [metric];
  const twice = uses.find(({ use }, i) => uses.findIndex((other) => other.use === use) !== i);
  if (twice) {
    throw userError(
      new TypeError(
        `Cannot measure ${twice.use} twice in one table: give each its own evaluate stage`,
      ),
    );
  }
  return Promise.all(uses.map((use) => factory.create("metric", use, undefined)));
}

/**
 * Whether masks must be read.
 *
 * @param metrics of an evaluation
 * @returns whether any of them reads the ground truth's pixels
 */
export function needsMask(metrics: readonly Metric[]): boolean {
  return metrics.some(({ needs }) => needs.includes("truth-mask"));
}
