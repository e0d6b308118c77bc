/** Prints a line of what is measured. */
export function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

/**
 * Prints prominently that a measurement is skipped.
 *
 * @param what is missing, and why
 */
export function skipped(what: string): void {
  print(`\n!!! SKIPPED: ${what} !!!\n`);
}
