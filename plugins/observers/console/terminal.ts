/** Where console output goes. */
export interface Terminal {
  /** True where the last line can be rewritten in place. */
  readonly live: boolean;
  readonly color: boolean;
  /** Characters that fit a line. */
  columns(): number;
  /** Milliseconds from an arbitrary start. */
  now(): number;
  write(text: string): void;
}

/** Width where a terminal does not report one. */
const USUAL_COLUMNS = 80;

function columns(): number {
  try {
    return Deno.consoleSize().columns || USUAL_COLUMNS;
  } catch {
    return USUAL_COLUMNS;
  }
}

/**
 * The process's standard output. Once its pipe is closed, output is discarded and the run goes on.
 *
 * @returns a live terminal, or plain-line output where it is not a terminal
 */
export function standardOutput(): Terminal {
  const live = Deno.stdout.isTerminal();
  let open = true;
  return {
    live,
    color: live && !Deno.noColor,
    columns,
    now: () => performance.now(),
    write(text) {
      const bytes = new TextEncoder().encode(text);
      try {
        for (let done = 0; open && done < bytes.length;) {
          done += Deno.stdout.writeSync(bytes.subarray(done));
        }
      } catch (error) {
        if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
        open = false;
      }
    },
  };
}
