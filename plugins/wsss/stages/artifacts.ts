import * as z from "zod";
import { type ArtifactKind, defineArtifact } from "../../../core/contracts/artifact.ts";
import type { Use } from "../../../core/registry/plugin.ts";
import type { Choice } from "../scores/choice.ts";

/** A network as a recipe names it. */
export interface NetworkUse {
  /** Image → feature taps; without the weights that a training starts from. */
  readonly backbone: Use<"backbone">;
  /** Feature taps → outputs. */
  readonly head: Use<"head">;
}

/** Info of a trained network. */
export interface CheckpointInfo extends NetworkUse {
  /** Weights file, relative to the artifact's folder; PyTorch names. */
  readonly weights: string;
  /** Foreground class names. */
  readonly classes: readonly string[];
  /** Split that it was trained on, or that its classes were taken from. */
  readonly split?: string;
  /** Optimizer steps that it was trained for. */
  readonly steps?: number;
  /** File that it was read from, where it was not trained in this run. */
  readonly imported?: string;
}

/** What is known of a network before it is trained. */
export interface CheckpointFacts {
  /** Backbone and head, where the recipe describes them. */
  readonly network?: NetworkUse | undefined;
}

/** Info of the images that a stage processed. */
export interface ImagesInfo {
  /** Split of the data set. */
  readonly split: string;
  /** The data set, as the recipe names it. */
  readonly dataset: Use<"dataset">;
  /** Folder that relative paths start from. */
  readonly base: string;
  /** Foreground class names. */
  readonly classes: readonly string[];
  /** How many images. */
  readonly images?: number;
  /** Images were reduced to this long side before; null or nothing where they were not. */
  readonly longSide?: number | null;
  /** Stage that trained the network; else where the predictions come from. */
  readonly checkpoint?: string;
  /** Head output that they come from. */
  readonly output?: string;
  /** Factors on the image's size that the network saw. */
  readonly scales?: readonly number[];
  /** Whether it saw mirror images too. */
  readonly flip?: boolean;
}

/** Info of CAMs. */
export interface CamsInfo extends ImagesInfo {
  /** Folder of the files, relative to the artifact's. */
  readonly cams: string;
  /** What is kept of each image; all where nothing is said. */
  readonly save?: readonly ("cams" | "scores")[];
  /** Folder that they were read from, where they were not inferred in this run. */
  readonly imported?: string;
}

/** What is known of CAMs before they are inferred. */
export interface CamsFacts {
  /** Split of the data set that they will be of. */
  readonly split: string;
  /** What will be kept of each image: CAMs of the labelled classes, image-level scores of all. */
  readonly keeps: readonly ("cams" | "scores")[];
  /** Images will be reduced to this long side before. */
  readonly longSide?: number | undefined;
}

/** Info of masks. */
export interface MasksInfo extends ImagesInfo {
  /** Folder of the PNG files, relative to the artifact's. */
  readonly masks: string;
  /** Folder of the scores that they were made of, relative to the artifact's, where these were kept. */
  readonly scores?: string;
  /** How they were made, for the notes of tables. */
  readonly how?: string;
  /** Numbers that went into them and that earlier stages chose by true masks. */
  readonly choices?: readonly Choice[];
  /** What was averaged over views. */
  readonly average?: "logits" | "probabilities";
  /** Refinements, as the recipe names them. */
  readonly refinements?: readonly Use<"refinement">[];
  /** Edge of the squares of pixels that share a label, where scores were averaged over such. */
  readonly square?: number;
}

/** What is known of masks before they are written. */
export interface MasksFacts {
  /** Split of the data set that they will be of. */
  readonly split: string;
  /**
   * What will be kept of each image: a mask, or one some of whose pixels have no class (255); scores of all classes, background among
   * them.
   */
  readonly keeps: readonly ("mask" | "partial-mask" | "class-scores")[];
  /** Images will be reduced to this long side before; masks have the image's size all the same. */
  readonly longSide?: number | undefined;
  /** Edge of the squares of pixels that will share a label, where scores are averaged over such. */
  readonly square?: number | undefined;
  /** The stage's option that says so. */
  readonly squareOption?: string | undefined;
  /** What to set to keep scores, where they are not kept: `keepScores: true`. */
  readonly toKeepScores?: string | undefined;
}

/** Info of an evaluation's table. */
export interface TableInfo {
  /** The file, relative to the artifact's folder. */
  readonly table: string;
  /** The evaluation itself. */
  readonly stage: string;
  /** Stage, or folder, that the predictions come from. */
  readonly from: string;
  /** Stage that trained the network; else where the predictions come from. */
  readonly checkpoint: string;
  /** Head output that gave the CAMs; else the same as `checkpoint`. */
  readonly output: string;
  /** Split that was scored. */
  readonly split: string;
  /** Images scored. */
  readonly images: number;
  /** Evaluated size over the mask's. */
  readonly maskScale: number;
}

/** What is known of a table before it is written. */
export interface TableFacts {
  /** Whether it will have a threshold, fixed or chosen. */
  readonly threshold: boolean;
  /** Options whose values it will have chosen, such as `power-background.power`. */
  readonly choices?: readonly string[];
}

/** Artifacts of stages: kind → its info, and what is known before the run starts. */
export interface Artifacts {
  /** A trained network. */
  readonly checkpoint: ArtifactKind<"checkpoint", CheckpointInfo, CheckpointFacts>;
  /** Class activation maps, image-level scores, or both, of every image of a split. */
  readonly cams: ArtifactKind<"cams", CamsInfo, CamsFacts>;
  /** Masks of every image of a split, with or without the scores that they were made of. */
  readonly masks: ArtifactKind<"masks", MasksInfo, MasksFacts>;
  /** An evaluation. */
  readonly table: ArtifactKind<"table", TableInfo, TableFacts>;
}

/** A plugin as a recipe names it; the registry checks its options when it is created. */
const use = z.looseObject({ use: z.string() });
const names = z.array(z.string()).min(1);

const images = {
  split: z.string(),
  dataset: use,
  base: z.string(),
  classes: names,
  images: z.number().exactOptional(),
  longSide: z.number().nullable().exactOptional(),
  checkpoint: z.string().exactOptional(),
  output: z.string().exactOptional(),
  scales: z.array(z.number()).exactOptional(),
  flip: z.boolean().exactOptional(),
};

/** The kinds of artifact of shipped stages; other stages may define their own. */
export const ARTIFACTS: Artifacts = {
  checkpoint: defineArtifact({
    name: "checkpoint",
    info: z.object({
      weights: z.string(),
      backbone: use,
      head: use,
      classes: names,
      split: z.string().exactOptional(),
      steps: z.number().exactOptional(),
      imported: z.string().exactOptional(),
    }),
  }),
  cams: defineArtifact({
    name: "cams",
    info: z.object({
      ...images,
      cams: z.string(),
      save: z.array(z.enum(["cams", "scores"])).exactOptional(),
      imported: z.string().exactOptional(),
    }),
  }),
  masks: defineArtifact({
    name: "masks",
    info: z.object({
      ...images,
      masks: z.string(),
      scores: z.string().exactOptional(),
      how: z.string().exactOptional(),
      choices: z.array(
        z.object({ stage: z.string(), split: z.string(), option: z.string(), value: z.number() }),
      ).exactOptional(),
      average: z.enum(["logits", "probabilities"]).exactOptional(),
      refinements: z.array(use).exactOptional(),
      square: z.number().exactOptional(),
    }),
  }),
  table: defineArtifact({
    name: "table",
    info: z.object({
      table: z.string(),
      stage: z.string(),
      from: z.string(),
      checkpoint: z.string(),
      output: z.string(),
      split: z.string(),
      images: z.number(),
      maskScale: z.number(),
    }),
  }),
};
