import type { Broken } from "../../../core/byte_reader.ts";
import { isSequence } from "../../../core/pickle/values.ts";
import { didYouMean } from "../../../core/suggest.ts";
import { TensorRecord } from "./tensor_record.ts";

/** Where training scripts keep the state dict among other things. */
const USUAL_KEY = "state_dict";

/** Keys that a message lists. */
const LISTED = 12;

/**
 * Finds the state dict in what a file holds.
 *
 * @param root the unpickled object
 * @param key of the entry that is the state dict; without it the file itself is it, or its entry `state_dict`
 * @param broken makes the error where there is none
 * @returns parameter name → tensor, in file order
 */
export function findStateDict(
  root: unknown,
  key: string | undefined,
  broken: Broken,
): ReadonlyMap<string, TensorRecord> {
  if (!(root instanceof Map)) {
    throw broken(`it holds ${describe(root)}, expected a state dict or a dict that has one`);
  }
  const isStateDict = [...root.values()].some((value) => value instanceof TensorRecord);
  if (key === undefined && isStateDict) return stateDict(root, "it", broken);
  const chosen = key ?? USUAL_KEY;
  if (root.has(chosen)) return stateDict(root.get(chosen), `its entry "${chosen}"`, broken);
  const keys = [...root.keys()].filter((name) => typeof name === "string");
  const listed = keys.slice(0, LISTED).join(", ") || "none by name";
  const more = keys.length > LISTED ? ` and ${keys.length - LISTED} more` : "";
  throw broken(
    `it has no entry "${chosen}"${didYouMean(chosen, keys)}; option key names the one that is ` +
      `the state dict; its entries: ${listed}${more}`,
  );
}

function stateDict(
  dict: unknown,
  what: string,
  broken: Broken,
): ReadonlyMap<string, TensorRecord> {
  if (!(dict instanceof Map)) throw broken(`${what} is ${describe(dict)}, expected a state dict`);
  const tensors = new Map<string, TensorRecord>();
  for (const [name, value] of dict) {
    if (typeof name !== "string") throw broken(`${what} has ${describe(name)} for a name`);
    if (!(value instanceof TensorRecord)) {
      throw broken(`${what} has "${name}", which is ${describe(value)} and no tensor`);
    }
    tensors.set(name, value);
  }
  return tensors;
}

function describe(value: unknown): string {
  if (value === null) return "None";
  if (value instanceof TensorRecord) return "a tensor";
  if (value instanceof Map) return "a dict";
  if (value instanceof Uint8Array) return "bytes";
  return isSequence(value) ? "a list" : `a ${typeof value}`;
}
