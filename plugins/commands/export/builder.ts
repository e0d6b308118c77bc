import type { ParamSpec } from "../../../core/contracts/params.ts";
import { channelsFirst, type Layout } from "./channels_first.ts";
import type { Program, Step } from "./program.ts";
import type { Call, Recording, Value } from "./record.ts";

/** Builds a program from a recording: names values in each layout that they are needed in. */
export class Builder {
  readonly #recording: Recording;
  readonly #params: ReadonlyMap<string, ParamSpec>;
  readonly #steps: Step[] = [];
  readonly #constants = new Map<string, { shape: readonly number[]; values: readonly number[] }>();
  /** Names of a value in each layout that it was needed in. */
  readonly #names = new Map<number, Partial<Record<Layout, string>>>();

  /**
   * Begins with the image.
   *
   * @param recording of a network
   * @param params its parameters
   */
  constructor(recording: Recording, params: readonly ParamSpec[]) {
    this.#recording = recording;
    this.#params = new Map(params.map((spec) => [spec.name, spec]));
    const image = recording.values.findIndex(({ source }) => source.kind === "image");
    this.#names.set(image, { first: "image" });
  }

  /** The program, once every call was added. */
  program(): Program {
    const { outputs, values } = this.#recording;
    return {
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([name, value]) => {
          const { shape } = values[value]!, layout = shape.length === 4 ? "first" : "last";
          const ordered = layout === "first" ? channelsFirst(shape) : shape;
          return [name, { name: this.as(value, layout), shape: ordered }];
        }),
      ),
      steps: this.#steps,
      constants: this.#constants,
    };
  }

  /** What was recorded of a value. */
  value(number: number): Value {
    return this.#recording.values[number]!;
  }

  /** Adds an operation. @returns the names of its outputs */
  step(
    op: string,
    inputs: readonly string[],
    attributes: Step["attributes"] = {},
    outputs = 1,
  ): string[] {
    const first = this.#steps.reduce((sum, step) => sum + step.outputs.length, 0);
    const names = Array.from({ length: outputs }, (_, i) => `x${first + i}`);
    this.#steps.push({ op, inputs, attributes, outputs: names });
    return names;
  }

  /** Adds a constant. @returns its name */
  constant(shape: readonly number[], values: readonly number[]): string {
    const name = `c${this.#constants.size}`;
    this.#constants.set(name, { shape, values });
    return name;
  }

  /** The name of a value in a layout, made where it was not needed so before. */
  as(number: number, layout: Layout): string {
    const names = this.#names.get(number) ?? {};
    const found = names[layout];
    if (found !== undefined) return found;
    const made = this.#make(number, layout, names);
    this.#names.set(number, { ...names, [layout]: made });
    return made;
  }

  #make(number: number, layout: Layout, names: Partial<Record<Layout, string>>): string {
    const { source, shape } = this.value(number);
    if (layout === "first") {
      return this.step("transpose", [this.as(number, "last")], { perm: [0, 3, 1, 2] })[0]!;
    }
    if (names.first !== undefined) {
      return this.step("transpose", [names.first], { perm: [0, 2, 3, 1] })[0]!;
    }
    if (source.kind === "constant") return this.constant(shape, source.values);
    if (source.kind === "parameter") {
      const { layout } = this.#params.get(source.name)!;
      if (layout === "vector" || layout === "token") return source.name;
      const perm = { linear: [1, 0], conv: [2, 3, 1, 0], depthwise: [2, 3, 0, 1] }[layout];
      return this.step("transpose", [source.name], { perm })[0]!;
    }
    throw new Error(`Value ${number} of ${source.kind} is used before it was made`);
  }

  /** A convolution's filter in PyTorch's layout. */
  filter(number: number, kind: "conv" | "depthwise"): string {
    const { source } = this.value(number);
    if (source.kind === "parameter" && this.#params.get(source.name)?.layout === kind) {
      return source.name;
    }
    // A linear layer that runs as a convolution of 1x1.
    const call = source.kind === "kernel" ? this.#callOf(number) : undefined;
    const from = call?.kernel === "Reshape" ? this.value(call.inputs["x"]!).source : undefined;
    if (kind === "conv" && from?.kind === "parameter") {
      const spec = this.#params.get(from.name)!;
      if (spec.layout === "linear") {
        const [input, output] = spec.shape as [number, number];
        return this.step("reshape", [from.name], { shape: [output, input, 1, 1] })[0]!;
      }
    }
    const perm = kind === "conv" ? [3, 2, 0, 1] : [2, 3, 0, 1];
    return this.step("transpose", [this.as(number, "last")], { perm })[0]!;
  }

  #callOf(number: number): Call | undefined {
    return this.#recording.calls.find(({ outputs }) => outputs.includes(number));
  }

  /** Whether a value is there channels first. */
  isFirst(number: number): boolean {
    return this.#names.get(number)?.first !== undefined;
  }

  /** Names what a call gave. */
  name(call: Call, layout: Layout, names: readonly string[]): void {
    call.outputs.forEach((output, i) => this.#names.set(output, { [layout]: names[i]! }));
  }
}
