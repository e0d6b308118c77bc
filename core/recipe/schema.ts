import * as z from "zod";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import type { Use } from "../registry/plugin.ts";
import { filePath, pluginOption } from "../registry/plugin_option.ts";

const identifier = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Schema of a recipe's top level; plugins' options are checked by their own schemas. */
export const recipeSchema = z.strictObject({
  name: z.string().regex(identifier, "expected letters, digits, '.', '_' or '-'")
    .describe("Names the run folder"),
  summary: z.string().default("").describe("What it is, for the report"),
  seed: z.int().min(0).default(1).describe("All randomness derives from it"),
  backend: pluginOption("backend").default({ use: "auto" }).describe("What computes"),
  group: pluginOption("group").default({ use: "auto" }).describe(
    "The threads or processes that compute the run together",
  ),
  plugins: z.array(filePath()).default([]).describe(
    "Modules that export plugins: files, or packages by jsr:, npm: or a bare name",
  ),
  limits: z.strictObject({
    pixels: z.int().min(1).default(DEFAULT_LIMITS.pixels)
      .describe("Most pixels of an image or mask; a larger one is refused before it is decoded"),
    nodes: z.int().min(1).default(DEFAULT_LIMITS.nodes)
      .describe("Most values of the recipe, YAML aliases counted where they repeat"),
  }).prefault({}).describe("Bounds on what files may make a run hold; raise them for larger data"),
  dataset: pluginOption("dataset").describe("The data that stages open splits of"),
  observers: z.array(pluginOption("observer")).default([{ use: "console" }, { use: "jsonl" }])
    .describe(
      "What watches the run",
    ),
  stages: z.array(
    pluginOption("stage", {
      id: z.string().regex(identifier, "expected letters, digits, '.', '_' or '-'")
        .describe("Names the stage's folder; later stages refer to it"),
    }, "run"),
  ).min(1).describe("Run in order; a finished stage is skipped if its inputs have not changed"),
});

/** A stage of a resolved recipe: `run` names the plugin. */
export interface RecipeStage {
  /** Unique among the recipe's stages; later ones name it. */
  readonly id: string;
  /** The stage plugin. */
  readonly run: string;
  /** The plugin's options. */
  readonly [option: string]: unknown;
}

/** A recipe with every default filled in, every option checked, every path absolute; frozen to the bottom. */
export interface Recipe {
  /** The run folder's, where none is given. */
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** All randomness derives from it. */
  readonly seed: number;
  /** Where tensors are computed. */
  readonly backend: Use<"backend">;
  /** Who computes. */
  readonly group: Use<"group">;
  /** Modules whose exported plugins join the registry. */
  readonly plugins: readonly string[];
  /** Bounds on what files may make a run hold. */
  readonly limits: Limits;
  /** What its stages read images from. */
  readonly dataset: Use<"dataset">;
  /** What watches the run. */
  readonly observers: readonly Use<"observer">[];
  /** In order. */
  readonly stages: readonly RecipeStage[];
}
