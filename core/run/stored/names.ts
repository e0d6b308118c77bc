/** File of a stage's folder that says what it was made of, what it left, and with which hashes. */
export const MARKER = "stage.json";

/** File of a stage's folder while the stage runs: one line per file that was written. */
export const JOURNAL = "files.jsonl";
