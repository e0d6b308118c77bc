import { main } from "../cli.ts";
import { onOneThread, type runSeamstress } from "./command.ts";

/**
 * Runs a command of the command line in this process, for tests of what a command does and says: what {@linkcode runSeamstress} gives
 * without starting a process. Permissions, variables and signals are those of the tests. One at a time.
 */
export async function callSeamstress(
  args: readonly string[],
): Promise<Awaited<ReturnType<typeof runSeamstress>>> {
  let [out, err] = ["", ""];
  const decoder = new TextDecoder();
  // Observers write to standard output themselves.
  const value = (bytes: Uint8Array) => {
    out += decoder.decode(bytes, { stream: true });
    return bytes.length;
  };
  Object.defineProperty(Deno.stdout, "writeSync", { value, configurable: true });
  try {
    const code = await main(onOneThread(args), {
      print: (text) => void (out += `${text}\n`),
      note: (text) => void (err += `${text}\n`),
      progress: {
        live: false,
        write: (text) => void (err += text),
        now: () => performance.now(),
      },
    });
    return { code, out, err };
  } finally {
    // The real one is a method of the prototype.
    Reflect.deleteProperty(Deno.stdout, "writeSync");
  }
}
