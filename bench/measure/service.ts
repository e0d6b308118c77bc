import { userError } from "seamstress";
import { linesOf } from "./lines.ts";
import type { Load } from "./load.ts";
import type { TimedWork } from "./sample.ts";

/** A process to start, which answers each line of its standard input with one line of JSON. */
export interface ServiceOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** Variables beside this process's. */
  readonly env?: Readonly<Record<string, string>>;
  /** What errors call it. */
  readonly name: string;
  /** That is watched: what the process takes does not count as other programs'. */
  readonly load?: Load | undefined;
}

/** What every answer holds besides. */
interface Used {
  /** Of the processor, since the process began. */
  readonly processorSeconds: number;
}

/** Times as a process says them. */
export interface SaidTimes {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** A process that computes when it is asked to, so that implementations of several processes are measured in turns. */
export class Service implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #answers: AsyncGenerator<string, undefined>;
  readonly #errors: Promise<string>;
  readonly #options: ServiceOptions;
  #counted = 0;

  /** Starts the process. @param options what it runs */
  constructor(options: ServiceOptions) {
    const { program, args, env = {} } = options;
    this.#options = options;
    this.#child = new Deno.Command(program, {
      args: [...args],
      env: { ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#answers = linesOf(this.#child.stdout);
    this.#errors = new Response(this.#child.stderr).text();
  }

  /**
   * Asks a question and waits for the answer.
   *
   * @param words of the question, without spaces
   * @returns the answer
   * @throws {Error} a user error with what the process said, where it ended instead
   */
  async ask<T>(...words: readonly string[]): Promise<T> {
    // Where the process has ended, its errors say why.
    await this.#writer.write(new TextEncoder().encode(`${words.join(" ")}\n`)).catch(() => {});
    const { value, done } = await this.#answers.next();
    if (done) {
      const said = (await this.#errors).trim();
      throw userError(new Error(`Cannot measure with ${this.#options.name}: ${said}`));
    }
    const { processorSeconds, ...answer } = JSON.parse(value) as T & Used;
    this.#options.load?.countPeer(processorSeconds - this.#counted);
    this.#counted = processorSeconds;
    return answer as T;
  }

  /**
   * Something that it computes, as what is measured.
   *
   * @param question of each time, a word; it is answered with {@linkcode SaidTimes}
   * @param per by how many a time's are divided
   * @returns the work
   */
  work(question: string, per: () => number = () => 1): TimedWork {
    return {
      timed: async () => {
        const { seconds, cpuSeconds } = await this.ask<SaidTimes>(question), parts = per();
        return { wall: 1e3 * seconds / parts, processor: 1e3 * cpuSeconds / parts };
      },
    };
  }

  /** Ends the process: there are no more questions. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#answers.return(undefined);
    await Promise.all([this.#child.status, this.#errors]);
  }
}
