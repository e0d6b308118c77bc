import { assertEquals } from "@std/assert";
import { leaveOut } from "./leave_out.ts";

/** Debian's, which has NumPy and PyTorch where they are installed. */
const PYTHON = "/usr/bin/python3";

/** PyTorch 1.13's AVX-512 path corrupts memory; its threads wait for each other on a busy machine. */
const ENVIRONMENT = { ONEDNN_MAX_CPU_ISA: "AVX2", OMP_NUM_THREADS: "1" };

const FIND = "import importlib.util, sys\n" +
  "sys.exit(any(importlib.util.find_spec(name) is None for name in sys.argv[1:]))";

function has(modules: readonly string[]): boolean {
  try {
    return new Deno.Command(PYTHON, { args: ["-c", FIND, ...modules] }).outputSync().success;
  } catch (error) {
    // Without the permission to ask, nothing is known: the tests fail rather than skip.
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Registers a test that asks Python for the truth. Where Python or a module is absent it says so and is ignored; in CI it fails.
 *
 * @param name a sentence
 * @param modules that the test imports
 * @param fn the test
 */
export function pythonTest(
  name: string,
  modules: readonly string[],
  fn: () => Promise<void>,
): void {
  const present = has(modules);
  if (!present) leaveOut(`${name}: ${PYTHON} has no ${modules.join(" and ")}`);
  Deno.test({ name, ignore: !present, fn });
}

/**
 * Runs a script to its end.
 *
 * @param script Python
 * @param args `sys.argv[1:]`
 * @returns what it printed
 * @throws {AssertionError} with its errors where it failed
 */
export async function runPython(script: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(PYTHON, {
    args: ["-c", script, ...args],
    env: ENVIRONMENT,
  }).output();
  const decoder = new TextDecoder();
  assertEquals(code, 0, decoder.decode(stderr));
  return decoder.decode(stdout);
}
