import type { PlannedArtifact } from "../../contracts/artifact.ts";
import type { Stage } from "../../contracts/stage.ts";
import type { RecipeStage } from "../../recipe/schema.ts";

import type { StageModules } from "../stage_modules.ts";

/** A stage of a recipe, created and checked. */
export interface PlannedStage {
  readonly spec: RecipeStage;
  readonly stage: Stage;
  /** What it will leave. */
  readonly gives: PlannedArtifact;
  /** Hashes of the data it will read. */
  readonly data: readonly string[];
  /** Hash of everything that affects what the stage computes, except the results of earlier stages. */
  readonly fingerprint: string;
  /** The files of the recipe's own plugins that it uses. */
  readonly modules: StageModules;
}
