import type { StateDict } from "./state_dict.ts";

/** One recomputed quantity of a golden file. */
export interface Quantity {
  /** What was recomputed. */
  readonly name: string;
  /** max|diff| / max|ref|. */
  readonly maxRelative: number;
  /** ‖diff‖₂ / ‖ref‖₂. */
  readonly relativeL2: number;
  /** max|diff|, for quantities that have a unit, such as levels or points; given where it is the criterion. */
  readonly maxAbsolute?: number;
  /** Which of these counts here, and its bound. */
  readonly criterion: "maxRelative" | "relativeL2" | "maxAbsolute";
  /** Largest error that passes. */
  readonly tolerance: number;
}

/** A golden file: tensors as stored, scalars as strings. */
export interface GoldenFile {
  /** For messages. */
  readonly path: string;
  /** What the file holds. */
  readonly tensors: StateDict;
  /** What the file says of itself. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Reads the golden file that this one names, relative to its own folder. */
  sibling(file: string): Promise<GoldenFile>;
}

/** Contract of kind `fixture`: recomputes golden files of one kind; the plugin's name is the file's `kind`. */
export interface Fixture {
  /** Recomputes a file's numbers. @returns how far off each is */
  verify(file: GoldenFile): Promise<readonly Quantity[]>;
}
