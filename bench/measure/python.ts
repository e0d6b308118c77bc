/** Output of a Python process. */
export interface PythonOutput {
  readonly success: boolean;
  readonly text: string;
  readonly errors: string;
}

/**
 * Runs Python.
 *
 * @param python the interpreter, with arguments that come before the others where it is a list
 * @param args a script and its arguments
 * @param env variables beside this process's
 * @returns what it printed
 * @throws {Deno.errors.NotFound} where there is no such interpreter
 */
export async function runPython(
  python: string | readonly [string, ...string[]],
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<PythonOutput> {
  const [program, ...before] = typeof python === "string" ? [python] as const : python;
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...before, ...args],
    env: { ...env },
  }).output();
  const decoder = new TextDecoder();
  return { success, text: decoder.decode(stdout), errors: decoder.decode(stderr).trim() };
}

/**
 * Asks whether Python can run something.
 *
 * @param python the interpreter, with arguments that come before the others where it is a list
 * @param code such as the modules that it must import
 * @returns what the code printed; else a reason, Python's last line
 */
export async function askPython(
  python: string | readonly [string, ...string[]],
  code: string,
): Promise<{ readonly text: string } | { readonly reason: string }> {
  try {
    const { success, text, errors } = await runPython(python, ["-c", code]);
    if (success) return { text: text.trim() };
    return { reason: errors.split("\n").at(-1) || "it failed" };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
