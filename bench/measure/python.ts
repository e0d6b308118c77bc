import { messageOf } from "seamstress";

/** A Python interpreter: a program, and arguments that precede Python's own. */
export type Interpreter = readonly [program: string, ...before: string[]];

/** Interpreters that are searched: the first one on the PATH, and Debian's. */
export const PYTHONS: readonly Interpreter[] = [["python3"], ["/usr/bin/python3"]];

/** Output of a Python process. */
export interface PythonOutput {
  readonly success: boolean;
  readonly text: string;
  readonly errors: string;
}

/**
 * Runs Python.
 *
 * @param python the interpreter
 * @param args a script and its arguments
 * @param env variables beside this process's
 * @returns what it printed
 * @throws {Deno.errors.NotFound} where there is no such interpreter
 */
export async function runPython(
  python: Interpreter,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<PythonOutput> {
  const [program, ...before] = python;
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
 * @param python the interpreter
 * @param code such as the modules that it must import
 * @returns what the code printed; else a reason, Python's last line
 */
async function askPython(
  python: Interpreter,
  code: string,
): Promise<{ readonly text: string } | { readonly reason: string }> {
  try {
    const { success, text, errors } = await runPython(python, ["-c", code]);
    if (success) return { text: text.trim() };
    return { reason: errors.split("\n").at(-1) || "it failed" };
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

/** An interpreter that can run something, and what it printed; or the reason why none can. */
export type FoundPython = { readonly python: Interpreter; readonly text: string } | {
  readonly notMeasured: string;
};

/**
 * Looks for an interpreter that can run something.
 *
 * @param code such as the modules that it must import
 * @param pythons interpreters, the first that runs it is taken
 * @returns the interpreter, or the error of each
 */
export async function findPython(
  code: string,
  pythons: readonly Interpreter[] = PYTHONS,
): Promise<FoundPython> {
  const reasons: string[] = [];
  for (const python of pythons) {
    const found = await askPython(python, code);
    if ("text" in found) return { python, text: found.text };
    reasons.push(`${python.join(" ")}: ${found.reason}`);
  }
  return { notMeasured: reasons.join("; ") };
}
