import { JOURNAL, type JournalLine, readLastEvents } from "./journal.ts";
import { ReadFiles } from "./read_files.ts";
import { written } from "./written.ts";

/**
 * How a run stands: `live` while a process works in its folder; `finished` or `failed` by its log's last line; `stopped` where a signal
 * ended it in order; `killed` where it ended without a word.
 */
export type State = "live" | "finished" | "failed" | "stopped" | "killed";

const LOCK = ".lock";

/** What was found when the lock was last tried: free for as long as neither lock nor log were written since. */
const freeSince = new Map<string, string>();

/**
 * Whether a process holds the run's lock. A run takes its lock before it writes, so a lock that was free once is not tried again before
 * lock or log change: that, for the instant in which it is tried, a run cannot begin, happens once in the studio's life, not at every look.
 */
async function isLocked(folder: string): Promise<boolean> {
  const now = `${await written(`${folder}/${LOCK}`)} ${await written(`${folder}/${JOURNAL}`)}`;
  if (freeSince.get(folder) === now) return false;
  const file = await Deno.open(`${folder}/${LOCK}`).catch(() => undefined);
  if (!file) return false;
  try {
    if (!await file.tryLock(true)) return true;
    await file.unlock();
    freeSince.set(folder, now);
    return false;
  } catch {
    // A file system without locks: shards alone run there.
    return false;
  } finally {
    file.close();
  }
}

/** The state that a log's last event tells. */
function ended({ event, message }: JournalLine): State | undefined {
  if (event === "end") return "finished";
  if (event !== "error") return undefined;
  return message?.startsWith("Stopped ") ? "stopped" : "failed";
}

/** A stage, and how far it has come. */
export interface Place {
  readonly stage: string;
  readonly step?: number;
  readonly totalSteps?: number;
}

function placeOf(events: readonly JournalLine[]): Place | undefined {
  const last = events.findLast(({ stage }) => stage !== undefined);
  if (last?.stage === undefined) return undefined;
  const step = events.findLast(({ event, stage }) => event === "step" && stage === last.stage);
  const { step: done, totalSteps } = step ?? {};
  return {
    stage: last.stage,
    ...done !== undefined && { step: done },
    ...totalSteps !== undefined && { totalSteps },
  };
}

/** What the end of a log tells. */
interface LogEnd {
  /** Nothing where the log ends without a word. */
  readonly state?: State;
  /** ISO time of its last line. */
  readonly lastEvent?: string;
  /** Stage that it named last, and steps there. */
  readonly at?: Place;
}

const ends = new ReadFiles<LogEnd>();

function readEnd(folder: string): Promise<LogEnd> {
  return ends.get([`${folder}/${JOURNAL}`], () => {
    const events = readLastEvents(folder);
    const last = events.at(-1), state = last && ended(last), at = placeOf(events);
    return {
      ...state && { state },
      ...last?.time !== undefined && { lastEvent: last.time },
      ...at && { at },
    };
  });
}

/**
 * Tells how a run stands.
 *
 * @param folder of the run
 * @returns its state, and what its log says last
 */
export async function runState(folder: string): Promise<LogEnd & { readonly state: State }> {
  const locked = await isLocked(folder);
  // The log is read behind the lock: a run that ended between has written its last line.
  const end = await readEnd(folder);
  return { ...end, state: locked ? "live" : end.state ?? "killed" };
}
