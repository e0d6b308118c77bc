import type * as z from "zod";
import type { PluginOption } from "./plugin_option_type.ts";

/** Schema of a training's options: written out, so that those who import it need not infer it. */
export type TrainingSchema = z.ZodObject<{
  split: z.ZodString;
  masks: z.ZodOptional<z.ZodString>;
  backbone: PluginOption<"backbone", { weights: z.ZodOptional<PluginOption<"weights">> }>;
  head: PluginOption<"head">;
  method: PluginOption<"method">;
  losses: z.ZodArray<
    PluginOption<"loss", {
      weight: z.ZodDefault<
        z.ZodUnion<
          readonly [z.ZodNumber, PluginOption<"schedule", { times: z.ZodDefault<z.ZodNumber> }>]
        >
      >;
      start: z.ZodDefault<z.ZodInt>;
      as: z.ZodOptional<z.ZodString>;
    }>
  >;
  optimizer: PluginOption<"optimizer">;
  clip: z.ZodOptional<
    z.ZodObject<
      { norm: z.ZodNumber; match: z.ZodDefault<z.ZodArray<z.ZodString>> },
      z.core.$strict
    >
  >;
  batch: z.ZodObject<{
    size: z.ZodInt;
    micro: z.ZodOptional<z.ZodUnion<readonly [z.ZodInt, z.ZodLiteral<"auto">]>>;
    runningStatistics: z.ZodOptional<z.ZodEnum<{ every: "every"; first: "first" }>>;
  }, z.core.$strict>;
  recompute: z.ZodOptional<z.ZodLiteral<"blocks">>;
  epochs: z.ZodInt;
  maxSteps: z.ZodOptional<z.ZodInt>;
  transforms: z.ZodArray<PluginOption<"transform">>;
  workers: z.ZodDefault<z.ZodInt>;
  validate: z.ZodOptional<
    z.ZodObject<{
      split: z.ZodString;
      metric: z.ZodUnion<readonly [PluginOption<"metric">, z.ZodArray<PluginOption<"metric">>]>;
      every: z.ZodDefault<z.ZodInt>;
      unit: z.ZodDefault<z.ZodEnum<{ epochs: "epochs"; steps: "steps" }>>;
      output: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>
  >;
  cams: z.ZodOptional<
    z.ZodObject<{
      split: z.ZodString;
      images: z.ZodDefault<z.ZodInt>;
      every: z.ZodDefault<z.ZodInt>;
      unit: z.ZodDefault<z.ZodEnum<{ epochs: "epochs"; steps: "steps" }>>;
      longSide: z.ZodOptional<z.ZodInt>;
      output: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>
  >;
  best: z.ZodPrefault<
    z.ZodObject<{
      by: z.ZodDefault<z.ZodString>;
      lowest: z.ZodOptional<z.ZodBoolean>;
      patience: z.ZodOptional<z.ZodInt>;
      leave: z.ZodDefault<z.ZodEnum<{ last: "last"; best: "best" }>>;
    }, z.core.$strict>
  >;
  checkpointEvery: z.ZodDefault<z.ZodInt>;
}, z.core.$strict>;
