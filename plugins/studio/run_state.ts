import { JOURNAL, type JournalLine, readLastEvents } from "./journal.ts";
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

/**
 * Tells how a run stands.
 *
 * @param folder of the run
 * @returns its state, and its last events
 */
export async function runState(
  folder: string,
): Promise<{ readonly state: State; readonly events: readonly JournalLine[] }> {
  const locked = await isLocked(folder);
  // The log is read behind the lock: a run that ended between has written its last line.
  const events = readLastEvents(folder);
  const last = events.at(-1);
  return { state: locked ? "live" : last && ended(last) || "killed", events };
}
