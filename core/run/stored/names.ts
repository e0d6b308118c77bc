/** File of a stage's folder with its fingerprint, its artifact and the hashes of its files. */
export const MARKER = "stage.json";

/** File of a stage's folder while the stage runs: one line per file that was written. */
export const JOURNAL = "files.jsonl";
