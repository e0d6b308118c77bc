import type { Artifact } from "../../../core/contracts/artifact.ts";
import type { CommandOutput } from "../../../core/contracts/data_commands.ts";
import { userError } from "../../../core/errors.ts";
import { resolvePath } from "../../../core/recipe/paths.ts";
import { didYouMean } from "../../../core/registry/suggest.ts";
import { isFinished } from "../../../core/run/stages/marker.ts";
import { resumeCommand } from "../../command_line/stop/resume_command.ts";
import { exists } from "../../formats/exists.ts";
import { leftByStage } from "../../formats/finished_stage.ts";
import { ARTIFACTS, type Artifacts } from "../../wsss/stages/artifacts.ts";
import type { Shipped } from "../shipped.ts";
import { loadRun, type OpenRun } from "./load_run.ts";

/** A trained network and the run that it is of. */
export interface FoundCheckpoint {
  readonly run: OpenRun;
  /** Id of the stage that left it. */
  readonly stage: string;
  readonly checkpoint: Artifact<Artifacts["checkpoint"]>;
}

/** How to find a checkpoint. */
export interface CheckpointOptions {
  /** Id of the stage, where the run has several networks. */
  readonly stage?: string | undefined;
  /** Whether a network will do, by what it gives; the first stage that has one is taken. */
  readonly suits: (checkpoint: Artifact<Artifacts["checkpoint"]>, run: OpenRun) => Promise<boolean>;
  /** What is wanted of it, for messages, such as `gives CAMs`. */
  readonly wanted: string;
}

/**
 * Finds a trained network by the path of a run folder, of a stage in it, or of a weights file in that.
 *
 * @param path relative to the working directory
 * @param options which network of the run
 * @param shipped the plugins that ship
 * @param out told whose code runs, where the recipe has plugins of its own
 * @returns the network, its parameters not yet read
 * @throws {Error} where there is no run, no finished stage with such a network, or a file's network is not known
 */
export async function findCheckpoint(
  path: string,
  options: CheckpointOptions,
  shipped: Shipped,
  out: CommandOutput,
): Promise<FoundCheckpoint> {
  const full = resolvePath(Deno.cwd(), path).replace(/\/$/, "");
  const [, folder, id, file] = /^(.+)\/stages\/([^/]+)(?:\/(.+))?$/.exec(full) ?? [];
  const inside = folder !== undefined && await exists(`${folder}/recipe.yaml`).catch(() => false);
  const stat = await Deno.stat(full).catch(() => undefined);
  if (!inside) {
    if (stat?.isFile) throw strayFile(path);
    const run = await loadRun(path, shipped, out);
    return await ofRun(run, path, options);
  }
  if (!stat) {
    throw userError(
      new Deno.errors.NotFound(`Cannot read the checkpoint ${path}: there is no such file`),
    );
  }
  const run = await loadRun(folder, shipped, out);
  const { checkpoint, stage } = ofStage(run, id!);
  if (file === undefined || !stat.isFile) return { run, stage, checkpoint };
  return {
    run,
    stage,
    checkpoint: { ...checkpoint, info: { ...checkpoint.info, weights: file } },
  };
}

function strayFile(path: string): Error {
  return userError(
    new TypeError(
      `Cannot use the checkpoint ${path}: it lies in no run folder, and weights alone do not say which backbone, head and classes ` +
        "they are of; name the file where its run left it, RUN/stages/STAGE/checkpoints/FILE, or import it by a recipe: " +
        "its stage import-checkpoint (deno task plugins stage import-checkpoint) states backbone, head and weights, and its run folder goes here",
    ),
  );
}

/** The network of one stage. */
function ofStage(
  { folder, loaded: { recipe }, markers }: OpenRun,
  id: string,
): Pick<FoundCheckpoint, "stage" | "checkpoint"> {
  const ids = recipe.stages.map((stage) => stage.id);
  if (!ids.includes(id)) {
    throw userError(
      new RangeError(
        `Cannot use stage ${id} of ${folder}: its recipe has none of this name${
          didYouMean(id, ids)
        }; stages: ${ids.join(", ")}`,
      ),
    );
  }
  const left = leftByStage(`${folder}/stages/${id}`, markers.get(id), ARTIFACTS.checkpoint);
  if (!left) {
    throw userError(
      new RangeError(
        `Cannot use stage ${id} of ${folder}: it ${
          markers.has(id) ? "is not finished" : "was not begun"
        }; finish it with\n  ${resumeCommand({ cwd: Deno.cwd(), folder, until: id })}`,
      ),
    );
  }
  if (left.artifact) return { stage: id, checkpoint: left.artifact };
  throw userError(
    new TypeError(
      `Cannot use stage ${id} of ${folder}: it left ${left.stored.kind}, and a checkpoint is needed`,
    ),
  );
}

/** The first network of a run that will do. */
async function ofRun(
  run: OpenRun,
  path: string,
  { stage, suits, wanted }: CheckpointOptions,
): Promise<FoundCheckpoint> {
  if (stage !== undefined) return { run, ...ofStage(run, stage) };
  const { loaded: { recipe }, markers } = run;
  const others: string[] = [];
  for (const { id } of recipe.stages) {
    const marker = markers.get(id);
    if (!isFinished(marker) || marker.artifact.kind !== ARTIFACTS.checkpoint.name) continue;
    const found = ofStage(run, id);
    if (await suits(found.checkpoint, run)) return { run, ...found };
    others.push(id);
  }
  // What it is of is known of a finished stage only; these two leave checkpoints.
  const begun = recipe.stages.filter(({ id, run: plugin }) =>
    ["train", "import-checkpoint"].includes(plugin) && !isFinished(markers.get(id))
  );
  const left = begun.map(({ id }) => id);
  throw userError(
    new RangeError(
      `Cannot use the run ${path}: none of its finished stages left a network that ${wanted}` +
        `${
          others.length > 0
            ? ` (${others.join(", ")} ${others.length > 1 ? "do" : "does"} not)`
            : ""
        }` +
        `${
          left.length > 0
            ? `; not finished: ${left.join(", ")}; go on with\n  ${
              resumeCommand({ cwd: Deno.cwd(), folder: run.folder })
            }`
            : ""
        }`,
    ),
  );
}
