import { isUserError, messageOf } from "seamstress";

/**
 * Ends a process that computes for a benchmark, and says why it failed: where that is no user error, with the stack.
 *
 * @param error that it failed with
 */
export function endFailed(error: unknown): never {
  const text = isUserError(error) ? messageOf(error) : (error as Error).stack ?? messageOf(error);
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
  Deno.exit(1);
}
