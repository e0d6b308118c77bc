import { PickledObject } from "../pickle/pickle.ts";
import { isSequence } from "../pickle/values.ts";

/** `numpy.dtype` in a pickle. */
export class PickledType extends PickledObject {
  #order: unknown = "|";

  /** @param code such as `f4`; nothing is known of it */
  constructor(readonly code: unknown) {
    super();
  }

  /** Whether the elements' bytes are written with the most significant one first. */
  get bigEndian(): boolean {
    return this.#order === ">";
  }

  /** @param state `(version, byte order, …)` */
  setState(state: unknown): void {
    if (isSequence(state)) this.#order = state[1];
  }
}
