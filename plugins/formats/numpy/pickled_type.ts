import { PickledObject } from "../pickle/pickle.ts";
import { isSequence } from "../pickle/values.ts";

/** `numpy.dtype` in a pickle. */
export class PickledType extends PickledObject {
  #order: unknown = "|";

  /** @param code such as `f4`; not yet validated */
  constructor(readonly code: unknown) {
    super();
  }

  /** Whether the elements are big-endian. */
  get bigEndian(): boolean {
    return this.#order === ">";
  }

  /** @param state `(version, byte order, …)` */
  setState(state: unknown): void {
    if (isSequence(state)) this.#order = state[1];
  }
}
