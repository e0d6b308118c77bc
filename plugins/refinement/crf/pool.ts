import type { Raster, Scores } from "seamstress";
import { CORNERS, DIMENSIONS } from "./kernel.ts";
import { paddedLabels } from "./mean_field.ts";
import type { CrfAnswer, CrfTask } from "./messages.ts";
import type { DenseCrfOptions } from "./options.ts";
import { latticeProgram } from "./wasm/lattice_program.ts";
import { meanFieldProgram } from "./wasm/mean_field_program.ts";
import type { GatheredKernel } from "./webgpu/gathered_kernel.ts";

/** Milliseconds after which idle Workers end: longer than a caller takes to read and write files between two images. */
const LINGER = 1000;

interface Job {
  readonly task: CrfTask;
  readonly answer: PromiseWithResolvers<CrfAnswer>;
}

/**
 * Refines images, or makes their kernels, in parallel, each in a Worker. Workers start when there is work for them, and end
 * soon after the last.
 */
export class CrfPool {
  readonly #limit: number;
  readonly #waiting: Job[] = [];
  readonly #busy = new Map<Worker, Job>();
  readonly #idle: Worker[] = [];
  readonly #programs = new Map<number, Uint8Array<ArrayBuffer>>();
  readonly #lattices = new Map(DIMENSIONS.map((d) => [d as number, latticeProgram(d)]));
  #lingering: ReturnType<typeof setTimeout> | undefined;

  /** @param limit Workers at most, >= 1 */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Refines one image.
   *
   * @param scores that `checkCrfInput` accepts; copied, not taken
   * @param image RGB uint8 of the same size; copied, not taken
   * @param options kernels and number of iterations
   * @returns the refined scores
   * @throws {Error} what the Worker threw
   */
  async refine(scores: Scores, image: Raster, options: DenseCrfOptions): Promise<Scores> {
    const program = this.#program(paddedLabels(scores.channels));
    const answer = await this.#ask({
      refine: { scores, program },
      lattices: this.#lattices,
      image,
      options,
    });
    if ("refined" in answer) return answer.refined;
    throw new TypeError("A Worker of the dense CRF gave no scores");
  }

  /**
   * Makes one image's kernels.
   *
   * @param image RGB uint8; copied, not taken
   * @param options of the kernels
   * @returns the kernels, for a GPU
   * @throws {Error} what the Worker threw
   */
  async kernels(image: Raster, options: DenseCrfOptions): Promise<readonly GatheredKernel[]> {
    const answer = await this.#ask({ lattices: this.#lattices, image, options });
    if ("kernels" in answer) return answer.kernels;
    throw new TypeError("A Worker of the dense CRF gave no kernels");
  }

  #program(labels: number): Uint8Array<ArrayBuffer> {
    let program = this.#programs.get(labels);
    if (!program) this.#programs.set(labels, program = meanFieldProgram(labels, CORNERS));
    return program;
  }

  #ask(task: CrfTask): Promise<CrfAnswer> {
    const answer = Promise.withResolvers<CrfAnswer>();
    this.#waiting.push({ task, answer });
    this.#assign();
    return answer.promise;
  }

  /** Ends every Worker; images that are not refined yet are rejected. The next image starts new ones. */
  close(): void {
    clearTimeout(this.#lingering);
    const jobs = [...this.#busy.values(), ...this.#waiting];
    for (const worker of [...this.#busy.keys(), ...this.#idle]) worker.terminate();
    this.#busy.clear();
    this.#idle.length = this.#waiting.length = 0;
    for (const { answer } of jobs) answer.reject(new Error("The dense CRF was closed"));
  }

  #assign(): void {
    clearTimeout(this.#lingering);
    while (this.#waiting.length > 0 && this.#busy.size < this.#limit) {
      const worker = this.#idle.pop() ?? this.#start();
      const job = this.#waiting.shift()!;
      this.#busy.set(worker, job);
      worker.postMessage(job.task);
    }
    if (this.#busy.size === 0) this.#lingering = setTimeout(() => this.close(), LINGER);
  }

  #start(): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), {
      type: "module",
      name: "dense CRF",
    });
    worker.onmessage = ({ data }: MessageEvent<CrfAnswer>) => {
      // Ignores a message of a Worker that was terminated meanwhile.
      if (!this.#busy.has(worker)) return;
      this.#finish(worker, (answer) => {
        if ("error" in data) answer.reject(data.error);
        else answer.resolve(data);
      });
      this.#idle.push(worker);
      this.#assign();
    };
    const fail = (reason: string) => {
      worker.terminate();
      this.#finish(worker, (answer) => answer.reject(new Error(reason)));
      this.#assign();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      fail(`A Worker of the dense CRF failed: ${event.message}`);
    };
    worker.onmessageerror = () => fail("A Worker of the dense CRF sent what cannot be read");
    return worker;
  }

  #finish(worker: Worker, settle: (answer: PromiseWithResolvers<CrfAnswer>) => void): void {
    const job = this.#busy.get(worker);
    this.#busy.delete(worker);
    if (job) settle(job.answer);
  }
}
