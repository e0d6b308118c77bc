import type { Shard } from "../../contracts/stage.ts";

/** File of a stage's folder with its fingerprint, its artifact and the hashes of its files. */
export const MARKER = "stage.json";

/** File of a stage's folder while the stage runs: one line per file that was written. */
export const JOURNAL = "files.jsonl";

/**
 * Names a rank's journal.
 *
 * @param rank the one that writes it
 * @param shard of the stage, where processes do a share each
 * @returns a name; {@linkcode JOURNAL} is rank 0's
 */
export function journalOf(rank: number, shard?: Shard): string {
  const part = shard ? `.${shard.number}-of-${shard.of}` : "";
  return rank === 0 ? `files${part}.jsonl` : `files${part}.${rank}.jsonl`;
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
 * Tells the journals of all ranks and shards.
 *
 * @param name of a file
 * @returns whether {@linkcode journalOf} gives such names
 */
export function isJournal(name: string): boolean {
  return /^files(\.[1-9]\d*-of-[1-9]\d*)?(\.[1-9]\d*)?\.jsonl$/.test(name);
}
