import {
  type ArtifactKind,
  defineArtifact,
  finishedArtifact,
  plannedArtifact,
} from "../../core/contracts/artifact.ts";
import * as z from "zod";
import { definePlugin } from "../../core/registry/plugin.ts";
import { autoGroup } from "../../plugins/groups/auto.ts";
import { workersGroup } from "../../plugins/groups/workers.ts";
import { filePath, pluginOption } from "../../core/registry/plugin_option.ts";

const TRAINED: ArtifactKind<"trained", Record<string, never>> = defineArtifact({
  name: "trained",
  info: z.object({}),
});

/** Small plugins that core's tests assemble. */
export const toyPlugins = [
  definePlugin({
    kind: "schedule",
    name: "poly",
    summary: "a schedule",
    options: z.strictObject({ power: z.number().positive().default(0.9) }),
    create: ({ power }) => ({ factor: (step, total) => (1 - step / total) ** power }),
  }),
  definePlugin({
    kind: "schedule",
    name: "warmup",
    summary: "a schedule that names another",
    options: z.strictObject({ steps: z.int().min(1), then: pluginOption("schedule") }),
    create: async ({ then }, _, factory) => await factory.create("schedule", then, undefined),
  }),
  definePlugin({
    kind: "backend",
    name: "cpu",
    summary: "a backend",
    options: z.strictObject({}),
    create: () => ({
      available: () => Promise.resolve({ ok: true }),
      prepare: () =>
        Promise.resolve({
          name: "cpu",
          device: "toy",
          software: false,
          maxTensorBytes: Infinity,
          check: () => Promise.resolve(),
          purge: () => {},
        }),
    }),
  }),
  definePlugin({
    kind: "dataset",
    name: "toy",
    summary: "a data set",
    options: z.strictObject({ root: filePath() }),
    create: () => {
      throw new Error("not opened in these tests");
    },
  }),
  definePlugin({
    kind: "loss",
    name: "ecr",
    summary: "a loss",
    options: z.strictObject({ ohem: z.number().gt(0).lte(1).default(0.2) }),
    create: () => {
      throw new Error("not made in these tests");
    },
  }),
  autoGroup,
  workersGroup,
  definePlugin({
    kind: "observer",
    name: "silent",
    summary: "an observer",
    options: z.strictObject({}),
    create: () => ({}),
  }),
  definePlugin({
    kind: "stage",
    name: "train",
    summary: "a stage",
    options: z.strictObject({
      losses: z.array(pluginOption("loss", { weight: z.number().default(1) })).default([]),
      optimizer: z.strictObject({
        lr: z.number().positive(),
        schedule: pluginOption("schedule").optional(),
      })
        .optional(),
      from: z.array(z.string()).default([]),
    }),
    create: ({ from }) => ({
      from,
      check: () => Promise.resolve([]),
      gives: () => plannedArtifact(TRAINED, {}),
      run: () => Promise.resolve(finishedArtifact(TRAINED, {})),
    }),
  }),
];
