/** A number or a list of them. */
export type Attribute = number | readonly number[] | readonly (readonly number[])[];

/** An operation on channels-first tensors, as PyTorch and ONNX have it. */
export interface Step {
  /** `conv`, `max-pool`, `batch-norm`, or the name of an elementwise or shape operation. */
  readonly op: string;
  /** Names: `image`, a parameter, a constant `c3` or an earlier step `x7`. */
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly string[];
}

/** A network as a list of operations. */
export interface Program {
  readonly steps: readonly Step[];
  /** Constants by name. */
  readonly constants: ReadonlyMap<string, { shape: readonly number[]; values: readonly number[] }>;
  /** Name and shape of each output, channels first where it is a map. */
  readonly outputs: Readonly<Record<string, { name: string; shape: readonly number[] }>>;
}
