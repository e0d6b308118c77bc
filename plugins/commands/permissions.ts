import { userError } from "../../core/errors.ts";
import { shellWord } from "../command_line/shell_word.ts";

/** A command that writes into a folder, as one types it behind `cli.ts`. */
export interface WritingCommand {
  /** All but `--out`: `run RECIPE`. */
  readonly command: string;
  /** Deno's flags that it needs besides reading and writing. */
  readonly flags?: readonly string[];
}

/**
 * Fails where this process may not write to a command's folder: tasks may write below runs/ only. Better said now than after a training.
 *
 * @param folder absolute
 * @param writing the command
 * @throws {Deno.errors.NotCapable} with what to do
 */
export async function needWriteAccess(
  folder: string,
  { command, flags = [] }: WritingCommand,
): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "write", path: folder });
  if (state === "granted") return;
  const granted = ["--allow-read", `--allow-write=${folder}`, ...flags].map(shellWord).join(" ");
  throw userError(
    new Deno.errors.NotCapable(
      `Cannot write to ${folder}: tasks may write below runs/ only; choose --out runs/NAME, or run\n` +
        `  deno run ${granted} cli.ts ${command} --out ${shellWord(folder)}`,
    ),
  );
}

/** Environment variables that a recipe names, read and remembered. */
export class NamedVariables {
  readonly #names = new Set<string>();

  /** Reads one, as {@linkcode readEnvironment} does. */
  readonly read = (name: string): string | undefined => {
    this.#names.add(name);
    return readEnvironment(name);
  };

  /** Deno's flag that allows those that were read; none where none was. */
  get flags(): readonly string[] {
    return this.#names.size > 0 ? [`--allow-env=${[...this.#names].sort().join(",")}`] : [];
  }
}

/**
 * Reads an environment variable that a recipe names. Tasks may read those of the shipped recipes; Deno asks for others in a terminal,
 * and refuses elsewhere.
 *
 * @param name the variable's
 * @returns its value; undefined where it is not set
 * @throws {Deno.errors.NotCapable} with what to do
 */
export function readEnvironment(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw userError(
      new Deno.errors.NotCapable(
        `Cannot read the environment variable ${name}, which the recipe names: allow it with\n` +
          `  deno run --allow-read --allow-write=runs --allow-env=${name} cli.ts run RECIPE\n` +
          "or give what stands there with --set",
      ),
    );
  }
}
