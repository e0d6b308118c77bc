/** Shows progress. */
export interface ProgressOutput {
  /** True where the last line can be rewritten in place. */
  readonly live: boolean;
  /** Takes what is shown. */
  write(text: string): void;
  /** Milliseconds from any start. */
  now(): number;
}

/** Takes a command's output. */
export interface CommandOutput {
  /** Takes results. */
  print(text: string): void;
  /** Takes remarks beside them. */
  note(text: string): void;
  /** Takes how far long work is. */
  readonly progress: ProgressOutput;
}

/**
 * Runs a command of a data set.
 *
 * @param args what stands behind the command's name
 * @param out where to write
 * @returns the exit code: 0 done, 1 where the data have faults
 * @throws {Error} where the arguments, or files that everything rests on, are wrong
 */
export type DataCommand = (args: readonly string[], out: CommandOutput) => Promise<number>;

/** Commands that a data set plugin adds to the command line: `deno task data NAME …`. */
export interface DataCommands {
  /** How to use them, for `data help`: one or more lines per command. */
  readonly usage: string;
  /** Command, such as `check`, → what it does. */
  readonly commands: Readonly<Record<string, DataCommand>>;
}
