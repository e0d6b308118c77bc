import type { ParamSpec } from "../../../core/contracts/params.ts";
import type { StateDict } from "../../../core/contracts/state_dict.ts";
import { fromTorch } from "../../wsss/parameters/layout.ts";
import type { Recording, Value } from "./record.ts";

/** An attribute of a node, as JSON of TensorFlow's `AttrValue`. */
export type GraphAttribute = Readonly<Record<string, unknown>>;

/** A node of TensorFlow's `GraphDef`, as JSON. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** Names of nodes; `name:1` for a second output. */
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, GraphAttribute>>;
}

/** Content of a node `Const`. */
export interface GraphWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32";
  readonly values: ArrayLike<number>;
}

/** An attribute that is a text, whole numbers, a number, a truth value or a type of elements. */
export const attribute = {
  text: (value: string): GraphAttribute => ({ s: btoa(value) }),
  numbers: (values: readonly number[]): GraphAttribute => ({ list: { i: values.map(String) } }),
  whole: (value: number): GraphAttribute => ({ i: String(value) }),
  number: (value: number): GraphAttribute => ({ f: value }),
  truth: (value: boolean): GraphAttribute => ({ b: value }),
  type: (dtype: "float32" | "int32"): GraphAttribute => ({ type: TYPES[dtype] }),
  shape: (shape: readonly number[]): GraphAttribute => ({ shape: dimensions(shape) }),
};

/** TensorFlow's names of element types. */
const TYPES = { float32: "DT_FLOAT", int32: "DT_INT32" };

/**
 * @param shape of a tensor
 * @returns JSON of TensorFlow's `TensorShapeProto`
 */
export function dimensions(shape: readonly number[]): { dim: readonly { size: string }[] } {
  return { dim: shape.map((size) => ({ size: String(size) })) };
}

/** Builds a graph of tfjs's own operations from a recording: channels last, as recorded. */
export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  readonly weights: GraphWeight[] = [];
  readonly #recording: Recording;
  readonly #params: ReadonlyMap<string, ParamSpec>;
  readonly #state: StateDict;
  /** Names of values that have a node. */
  readonly #names = new Map<number, string>();
  readonly #counts = new Map<string, number>();

  /**
   * Begins with the image.
   *
   * @param recording of a network
   * @param params its parameters
   * @param state what they are, in PyTorch's layouts
   */
  constructor(recording: Recording, params: readonly ParamSpec[], state: StateDict) {
    this.#recording = recording;
    this.#params = new Map(params.map((spec) => [spec.name, spec]));
    this.#state = state;
    const image = recording.values.findIndex(({ source }) => source.kind === "image");
    const { shape } = recording.values[image]!;
    this.#names.set(image, "image");
    this.#add("image", "Placeholder", [], {
      dtype: attribute.type("float32"),
      shape: attribute.shape(shape),
    });
  }

  #add(name: string, op: string, input: readonly string[], attr: GraphNode["attr"]): string {
    this.nodes.push({ name, op, input, attr });
    return name;
  }

  /** Adds an operation. @returns its name */
  node(op: string, input: readonly string[], attr: GraphNode["attr"] = {}): string {
    const count = this.#counts.get(op) ?? 0;
    this.#counts.set(op, count + 1);
    return this.#add(`${op}_${count}`, op, input, attr);
  }

  /** Names an output of the network. */
  output(name: string, number: number): void {
    this.#add(name, "Identity", [this.name(number)], { T: attribute.type("float32") });
  }

  /** Adds a constant. @returns its name */
  constant(
    values: ArrayLike<number>,
    { shape = [values.length], dtype = "int32", name }: Partial<GraphWeight> = {},
  ): string {
    const known = name ?? `constant_${this.weights.length}`;
    this.weights.push({ name: known, shape, dtype, values });
    return this.#add(known, "Const", [], { dtype: attribute.type(dtype) });
  }

  /** What was recorded of a value. */
  value(number: number): Value {
    return this.#recording.values[number]!;
  }

  /** The name of a value, made where it is a parameter or a constant that was not needed before. */
  name(number: number): string {
    const found = this.#names.get(number);
    if (found !== undefined) return found;
    const made = this.#make(number);
    this.#names.set(number, made);
    return made;
  }

  #make(number: number): string {
    const { source, shape, dtype } = this.value(number);
    if (source.kind === "constant") {
      return this.constant(source.values, {
        shape,
        dtype: dtype === "int32" ? "int32" : "float32",
      });
    }
    if (source.kind === "parameter") {
      const { name } = source, spec = this.#params.get(name)!;
      const { data } = this.#state.get(name)!;
      const floats = data instanceof Float32Array ? data : Float32Array.from(data, Number);
      return this.constant(fromTorch(floats, spec), { shape, dtype: "float32", name });
    }
    throw new Error(`Value ${number} of ${source.kind} is used before it was made`);
  }

  /** Names what a call gave: the outputs of a node, in order. */
  given(outputs: readonly number[], node: string): void {
    outputs.forEach((output, i) => this.#names.set(output, i === 0 ? node : `${node}:${i}`));
  }
}
