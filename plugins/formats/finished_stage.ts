import type { Artifact, ArtifactKind, StoredArtifact } from "../../core/contracts/artifact.ts";
import { userError } from "../../core/errors.ts";
import { didYouMean } from "../../core/registry/suggest.ts";
import { readArtifact } from "../../core/run/stages/artifact_info.ts";
import { isFinished, type Marker, readMarker } from "../../core/run/stages/marker.ts";
import { exists } from "./exists.ts";

/** Stages that were begun in a run folder, by name; those that were done again since are not among them. */
async function stagesIn(run: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(`${run}/stages`));
    return entries.filter(({ name, isDirectory }) => isDirectory && !name.includes(".superseded-"))
      .map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** What a finished stage left. */
export interface LeftByStage<K extends ArtifactKind> {
  /** As its marker states it, of whatever kind. */
  readonly stored: StoredArtifact;
  /** The same, its info checked, where it is of the kind that was asked for. */
  readonly artifact: Artifact<K> | undefined;
}

/**
 * Tells what a stage left, by its marker; no other file of it is read.
 *
 * @param folder the stage's
 * @param marker of the stage
 * @param kind of what it should have left
 * @returns what it left; `undefined` where it was not begun or is not finished
 * @throws {TypeError} where it left the kind that was asked for with an info that does not fit it
 */
export function leftByStage<K extends ArtifactKind>(
  folder: string,
  marker: Marker | undefined,
  kind: K,
): LeftByStage<K> | undefined {
  if (!isFinished(marker)) return undefined;
  const stored = { ...marker.artifact, folder };
  return { stored, artifact: readArtifact(stored, kind) };
}

/**
 * Reads what a finished stage of another run left.
 *
 * @param run the run folder, absolute
 * @param id the stage's
 * @param kind of what it should have left
 * @returns the artifact, its info checked; no file of it is read
 * @throws {Deno.errors.NotFound} where there is no run, naming the folder
 * @throws {RangeError} where the run has no such stage, with those that it has, or the stage is not finished
 * @throws {TypeError} where it left something else
 */
export async function readFinishedStage<K extends ArtifactKind>(
  run: string,
  id: string,
  kind: K,
): Promise<Artifact<K>> {
  const action = `Cannot read stage ${id} of the run ${run}`;
  if (!await exists(`${run}/recipe.yaml`)) {
    const problem = await exists(run)
      ? "it has no recipe.yaml, which every run folder has"
      : "there is no such folder";
    throw userError(new Deno.errors.NotFound(`${action}: ${problem}`));
  }
  const folder = `${run}/stages/${id}`;
  const ids = await stagesIn(run);
  if (!ids.includes(id)) {
    throw userError(
      new RangeError(
        `${action}: no such stage was begun there${didYouMean(id, ids)}; begun: ${
          ids.join(", ") || "none"
        }`,
      ),
    );
  }
  const left = leftByStage(folder, await readMarker(folder), kind);
  if (!left) {
    throw userError(
      new RangeError(`${action}: it is not finished; finish it with run ${run} --resume`),
    );
  }
  if (left.artifact) return left.artifact;
  throw userError(
    new TypeError(`${action}: it left ${left.stored.kind}, and a ${kind.name} is needed`),
  );
}
