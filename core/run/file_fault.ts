import { isUserError, messageOf, userError } from "../errors.ts";

/** What the operating system says of a file or a disk, and not of the program: its code → what to do, where that is not plain. */
const CODES: Readonly<Record<string, string>> = {
  EACCES: "give this user the right to it, or name another",
  EBUSY: "",
  EDQUOT: "this user may store no more there; free some space and resume the run",
  EEXIST: "",
  EFBIG: "",
  EIO: "the disk or the network that holds it fails",
  EISDIR: "",
  ELOOP: "its symbolic links go in a circle",
  EMFILE: "raise the limit on open files: ulimit -n 4096",
  ENAMETOOLONG: "",
  ENFILE: "",
  ENOENT: "",
  ENOSPC: "free some space and resume the run",
  ENOTDIR: "",
  ENOTEMPTY: "",
  EPERM: "give this user the right to it, or name another",
  EROFS: "its file system is mounted read-only; name another folder",
  ESTALE: "the disk or the network that holds it fails",
};

/** `Permission denied (os error 13): open '/data/x.png'`, as Deno words it. */
const WORDED = /^(.*?) \(os error \d+\)(?:: (.*))?$/s;

/** Deno's words that are none. */
const VERBS: Readonly<Record<string, string>> = {
  mkdir: "make the folder",
  readdir: "list",
  readfile: "read",
  writefile: "write",
};

function plain(what: string): string {
  return what.replace(/^\w+/, (verb) => Object.hasOwn(VERBS, verb) ? VERBS[verb]! : verb);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

/** The operating system's error behind one that was thrown, and what stands before it in the message. */
function behind(thrown: unknown): { readonly error: Error; readonly action: string } | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const code = codeOf(error);
    if (code === undefined || !Object.hasOwn(CODES, code)) continue;
    const whole = messageOf(thrown);
    return {
      error,
      action: whole.endsWith(error.message) ? whole.slice(0, -error.message.length) : "",
    };
  }
  return undefined;
}

/**
 * Turns what the operating system says of a file, such as that it may not be read or that the disk is full, into a message for the
 * user, who can fix it; a missing permission of Deno's own is none of these.
 *
 * @param thrown anything that was thrown
 * @returns an error of the user's, naming the file where the operating system did; what was thrown where that is anything else
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fileFault } from "./file_fault.ts";
 * const error = await Deno.readFile("/").catch(fileFault);
 * assertEquals((error as Error).message, "Cannot read '/': Is a directory");
 * ```
 */
export function fileFault(thrown: unknown): unknown {
  if (isUserError(thrown)) return thrown;
  const found = behind(thrown);
  if (!found) return thrown;
  const { error, action } = found;
  const [, problem = error.message, what] = WORDED.exec(error.message) ?? [];
  const advice = CODES[codeOf(error)!];
  const message = `${action}${what === undefined ? "" : `Cannot ${plain(what)}: `}${problem}`;
  return userError(new Error(advice ? `${message}; ${advice}` : message, { cause: thrown }));
}
