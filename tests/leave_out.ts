/**
 * Says that a test, or part of one, cannot run on this machine. In CI it fails instead: there everything that tests need is installed.
 *
 * @param why what is missing
 * @throws {Error} in CI
 */
export function leaveOut(why: string): void {
  if (Deno.env.has("CI")) throw new Error(`A test would be left out: ${why}`);
  cannotRun(why);
}

/**
 * Says that a test, or part of one, cannot run on this machine whatever is installed, as its kernel does not allow it; in CI too.
 *
 * @param why what is not allowed
 */
export function cannotRun(why: string): void {
  // deno-lint-ignore no-console -- what is left out must be seen
  console.warn(`\n!!! SKIPPED: ${why} !!!\n`);
}
