/** File of a stage's folder with its fingerprint, its artifact and the hashes of its files. */
export const MARKER = "stage.json";

/** File of a stage's folder while the stage runs: one line per file that was written. */
export const JOURNAL = "files.jsonl";

/**
 * Names a rank's journal.
 *
 * @param rank the one that writes it
 * @returns a name; {@linkcode JOURNAL} is rank 0's
 */
export function journalOf(rank: number): string {
  return rank === 0 ? JOURNAL : `files.${rank}.jsonl`;
}

/**
 * Tells the files that the run itself keeps in a stage's folder.
 *
 * @param name of a file
 * @returns whether it is the marker or a journal
 */
export function isRunsOwn(name: string): boolean {
  return name === MARKER || isJournal(name);
}

/**
 * Tells the journals of all ranks.
 *
 * @param name of a file
 * @returns whether {@linkcode journalOf} gives such names
 */
export function isJournal(name: string): boolean {
  return name === JOURNAL || /^files\.[1-9]\d*\.jsonl$/.test(name);
}
