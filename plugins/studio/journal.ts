import { FileSource, parseJsonLines } from "seamstress";

/** A line of `metrics.jsonl`, as far as the studio's server reads it. */
export interface JournalLine {
  readonly event?: string;
  readonly time?: string;
  readonly stage?: string;
  readonly state?: string;
  readonly step?: number;
  readonly totalSteps?: number;
  readonly stages?: readonly string[];
  readonly message?: string;
  readonly seconds?: number;
}

/** The log within a run folder. */
export const JOURNAL = "metrics.jsonl";

/** Bytes before a position by which it is recognised: more than what two lines with different times share. */
const MARK = 64;

/** Bytes at the end of a log in which its last events are looked for. */
const TAIL = 1 << 16;

/** Position behind the last complete line. */
function completeEnd(bytes: Uint8Array): number {
  return bytes.lastIndexOf(10) + 1;
}

const decoder = new TextDecoder();

/** The mark of a position: the text before it, such that a log which was cut and continued elsewhere is told apart. */
function markOf(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16);
}

/** A run's log as it is now: what rewinds one puts another file in its place. Nothing where there is none. */
function openLog(folder: string): FileSource | undefined {
  try {
    return FileSource.open(`${folder}/${JOURNAL}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Lines of a log from a position on. */
export interface JournalPart {
  /** Complete lines. */
  readonly text: string;
  /** True where `text` begins at the log's begin: what was read before is void. */
  readonly whole: boolean;
  /** Where to go on. */
  readonly next: number;
  /** Given back with `next`, tells whether the log is still the one that was read. */
  readonly mark: string;
}

/**
 * Reads what was appended to a run's log; all of it where it was rewound meanwhile, as a resumed run does, or where there is no
 * position yet. An incomplete last line is left for the next time.
 *
 * @param folder of the run
 * @param from an earlier part's `next`
 * @param mark the same part's `mark`
 * @returns the part; empty where there is no log
 */
export function readJournal(folder: string, from = 0, mark = ""): JournalPart {
  using log = openLog(folder);
  if (!log) return { text: "", whole: true, next: 0, mark: "" };
  const markAt = (at: number) => markOf(log.read(Math.max(at - MARK, 0), at));
  const same = from > 0 && from <= log.size && markAt(from) === mark;
  const start = same ? from : 0;
  const bytes = log.read(start, log.size);
  const part = bytes.subarray(0, completeEnd(bytes));
  const next = start + part.length;
  return { text: decoder.decode(part), whole: !same, next, mark: markAt(next) };
}

/**
 * Reads the last events of a run.
 *
 * @param folder of the run
 * @returns events in order; the last few hundred at most
 */
export function readLastEvents(folder: string): readonly JournalLine[] {
  try {
    using log = FileSource.open(`${folder}/${JOURNAL}`);
    const bytes = log.read(Math.max(log.size - TAIL, 0), log.size);
    return parseJsonLines(decoder.decode(bytes.subarray(0, completeEnd(bytes))));
  } catch {
    // The run is listed all the same; who asks for its log is told why.
    return [];
  }
}
