import type { Artifact, ArtifactKind, StoredArtifact } from "../../contracts/artifact.ts";
import { userError } from "../../errors.ts";
import { MARKER } from "../stored/names.ts";

/** Describes how an artifact's info fails its kind's schema; undefined where it fits. */
export function findInfoError(kind: ArtifactKind, info: unknown): string | undefined {
  const parsed = kind.info.safeParse(info);
  if (parsed.success) return undefined;
  return parsed.error.issues.map(({ path, message }) =>
    `${path.length > 0 ? path.join(".") : "all of it"}: ${message}`
  ).join("; ");
}

/**
 * Reads an artifact from a run folder, as one of some kinds.
 *
 * @param stored as `stage.json` has it
 * @param kinds that it may be of
 * @returns the artifact, checked; undefined where it is of another kind
 * @throws {TypeError} naming the stage, its file, and what to do, where the file was damaged or is of a version that told less
 */
export function readArtifact<T extends readonly ArtifactKind[]>(
  stored: StoredArtifact,
  ...kinds: T
): Artifact<T[number]> | undefined {
  const kind = kinds.find(({ name }) => name === stored.kind);
  if (!kind) return undefined;
  const { folder } = stored;
  const parsed = kind.info.safeParse(stored.info);
  // The kind was found by its name, and its schema has just checked the info.
  if (parsed.success) {
    return { kind: kind.name, folder, info: parsed.data } as unknown as Artifact<T[number]>;
  }
  const stage = folder.slice(folder.lastIndexOf("/") + 1);
  throw userError(
    new TypeError(
      `Cannot read the ${kind.name} of stage ${stage}: ${folder}/${MARKER} was damaged, or an earlier version wrote it (${
        findInfoError(kind, stored.info)
      }); run it again with --from ${stage}`,
    ),
  );
}
