import type { Scores } from "seamstress";
import type { Kernel } from "./kernel.ts";
import { type Layout, layOut, type PlacedKernel, writeKernels } from "./layout.ts";
import type { MeanFieldProgram } from "./wasm/mean_field_program.ts";
import { newMemory, reserve } from "./wasm/reserve.ts";
import { FLOAT, INTEGER, LANES } from "./wasm/sizes.ts";

/** Lower bound to which scores are clipped: `clip` of pydensecrf's `unary_from_softmax`. */
const LEAST_PROBABILITY = 1e-5;
/** Logit of padding labels, whose exp is 0. */
const ABSENT = -1e30;

/** Gives the bytes of `meanFieldProgram` for a padded number of labels, and corners of each kernel's simplices. */
export type ProgramSource = (labels: number, corners: readonly number[]) => Uint8Array<ArrayBuffer>;

/**
 * Number of labels in the program's memory.
 *
 * @param labels number of them
 * @returns padded to whole vector registers
 */
export function paddedLabels(labels: number): number {
  return Math.ceil(labels / LANES) * LANES;
}

/**
 * Mean-field inference in a fully connected CRF (Krähenbühl & Koltun 2011), iteration by iteration as `DenseCRF::inference` of
 * pydensecrf: q = softmax(log p + Σ compat · D K D q), K filtered on a permutohedral lattice. Keeps its memory for the next image.
 */
export class MeanField {
  readonly #memory = newMemory();
  readonly #programs = new Map<string, MeanFieldProgram>();
  readonly #source: ProgramSource;

  /** @param source gives each program once: `meanFieldProgram`, or in a Worker, which shall not load the assembler, what was sent to it */
  constructor(source: ProgramSource) {
    this.#source = source;
  }

  /**
   * @param scores probabilities of the labels, `[C,H,W]`; need not sum to 1 per pixel
   * @param kernels pairwise terms over the same pixels
   * @param iterations >= 0
   * @returns q, `[C,H,W]`, sums to 1 for every pixel
   * @throws {RangeError} where it needs more memory than WebAssembly or the machine has
   */
  infer(scores: Scores, kernels: readonly Kernel[], iterations: number): Scores {
    const { width, height, channels } = scores;
    const layout = layOut(width * height, paddedLabels(channels), kernels);
    const what = `run the dense CRF on ${width}x${height} pixels and ${channels} labels`;
    reserve(this.#memory, layout.bytes, what);
    const { buffer } = this.#memory;
    writeKernels(buffer, layout, kernels);
    const logits = new Float32Array(buffer, layout.logits, layout.pixels * layout.labels);
    writeLogits(scores, logits, layout.labels);
    this.#iterate(layout, iterations);
    return { width, height, channels, data: readLabels(logits, layout, channels) };
  }

  #program(layout: Layout): MeanFieldProgram {
    const corners = layout.kernels.map((kernel) => kernel.axes);
    const key = `${layout.labels}:${corners}`;
    let program = this.#programs.get(key);
    if (!program) {
      const module = new WebAssembly.Module(this.#source(layout.labels, corners));
      const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
      program = instance.exports as unknown as MeanFieldProgram;
      this.#programs.set(key, program);
    }
    return program;
  }

  #iterate(layout: Layout, iterations: number): void {
    const program = this.#program(layout);
    const { logits, logitsEnd, vertices, weights } = layout;
    const buffers = layout.kernels.map((kernel) =>
      new ValueBuffers(kernel, this.#memory, layout.labels)
    );
    const context = (): number[] => [
      ...[logits, logitsEnd, vertices, weights],
      ...buffers.flatMap(({ read, write, kernel }) => [read, write, kernel.factor]),
    ];
    if (iterations > 0) program.start(...context());
    for (let iteration = 1; iteration <= iterations; iteration++) {
      for (const buffer of buffers) buffer.blur(program);
      if (iteration < iterations) program.step(...context());
    }
    // Before the first iteration the messages are 0.
    program.finish(...context());
  }
}

/** The two arrays of a kernel, of which one is read and one is written in each pass. */
class ValueBuffers {
  #write: 0 | 1 = 0;

  constructor(
    readonly kernel: PlacedKernel,
    readonly memory: WebAssembly.Memory,
    readonly labels: number,
  ) {}

  get read(): number {
    return this.kernel.values[1 - this.#write]!;
  }

  get write(): number {
    return this.kernel.values[this.#write]!;
  }

  /** Blurs the written array along every axis; afterwards it is the one that is read, and the other array is 0. */
  blur({ blur }: MeanFieldProgram): void {
    const { size, axes, neighbours } = this.kernel;
    const length = size * this.labels;
    for (let axis = 0; axis < axes; axis++) {
      const pairs = neighbours + axis * size * 2 * INTEGER;
      blur(this.write, this.write + length * FLOAT, this.read, pairs);
      this.#swap();
    }
    this.#swap();
    new Float32Array(this.memory.buffer, this.write, length).fill(0);
  }

  #swap(): void {
    this.#write = this.#write === 0 ? 1 : 0;
  }
}

/** Interleaves log p to `[pixels][labels]`, and pads the labels. */
function writeLogits({ channels, data }: Scores, logits: Float32Array, labels: number): void {
  const pixels = data.length / channels, least = Math.log(LEAST_PROBABILITY);
  for (let pixel = 0, to = 0; pixel < pixels; pixel++) {
    for (let label = 0; label < channels; label++) {
      const p = data[label * pixels + pixel]!;
      logits[to++] = p > LEAST_PROBABILITY ? Math.log(Math.min(p, 1)) : least;
    }
    for (let label = channels; label < labels; label++) logits[to++] = ABSENT;
  }
}

/** Transposes `[pixels][labels]` to planes, `[channels][pixels]`. */
function readLabels(q: Float32Array, { pixels, labels }: Layout, channels: number): Float32Array {
  const planes = new Float32Array(channels * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let label = 0; label < channels; label++) {
      planes[label * pixels + pixel] = q[pixel * labels + label]!;
    }
  }
  return planes;
}
