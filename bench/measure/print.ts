/** Prints a line of what is measured. */
export function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

/**
 * Says loudly what is not measured: who reads the times must know.
 *
 * @param what is missing, and why
 */
export function skipped(what: string): void {
  print(`\n!!! SKIPPED: ${what} !!!\n`);
}
