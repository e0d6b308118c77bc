import { mistake } from "../../errors.ts";
import { matchesAny } from "../../registry/glob.ts";
import type { ParamSpec } from "./spec.ts";
import type { DType } from "../../formats/state_dict.ts";
import { nearest } from "../../registry/suggest.ts";
import { torchShape } from "./layout.ts";

/** Names listed of each kind of mismatch before "and n more". */
const LISTED = 8;

/** Types that become float32 in memory. */
const FLOATS: readonly DType[] = ["F32", "F16", "BF16", "F64"];

/** Names, shapes and types of a state dict. */
export type StateShapes = ReadonlyMap<
  string,
  { readonly dtype: DType; readonly shape: readonly number[] }
>;

/** Which differences between a network and a state dict are meant. */
export interface LoadOptions {
  /** The file's name, for messages. */
  readonly from: string;
  /** Parameters that the file may lack, as globs (`fc8.*`); they keep their values. */
  readonly allowMissing?: readonly string[];
  /** Tensors that the network may not know, as globs (`linear1000.*`); they are ignored. */
  readonly allowExtra?: readonly string[];
}

/**
 * Compares a state dict with a network.
 *
 * @param specs the network's parameters
 * @param state what the file holds, PyTorch names and layouts; elements are not looked at
 * @param options which differences are allowed
 * @throws {RangeError} one error that lists every kind of mismatch, with the nearest names
 */
export function refuseMismatch(
  specs: readonly ParamSpec[],
  state: StateShapes,
  options: LoadOptions,
): void {
  const { from, allowMissing = [], allowExtra = [] } = options;
  const known = new Set(specs.map((spec) => spec.name));
  const missing = specs.map((spec) => spec.name)
    .filter((name) => !state.has(name) && !matchesAny(name, allowMissing));
  const extra = [...state.keys()]
    .filter((name) => !known.has(name) && !matchesAny(name, allowExtra));
  const unfit: string[] = [];
  for (const spec of specs) {
    const array = state.get(spec.name);
    if (array === undefined) continue;
    const wanted = torchShape(spec);
    if (array.shape.join() !== wanted.join()) {
      unfit.push(`${spec.name} is [${array.shape}] in the file, [${wanted}] in the network`);
    } else if (!FLOATS.includes(array.dtype)) {
      unfit.push(`${spec.name} is ${array.dtype} in the file, a float is needed`);
    }
  }
  const strangers = [...state.keys()].filter((name) => !known.has(name));
  const parts = [
    list(
      "the file lacks",
      missing,
      (name) => like(name, strangers, "it has"),
    ),
    list(
      "the network does not know",
      extra,
      (name) => like(name, known, "it knows"),
    ),
    list("of another shape or type", unfit, () => ""),
  ].filter((part) => part !== "");
  if (parts.length > 0) {
    throw mistake(new RangeError(`Cannot load ${from} into the network: ${parts.join("; ")}`));
  }
}

function like(name: string, candidates: Iterable<string>, verb: string): string {
  const near = nearest(name, candidates);
  return near === undefined ? "" : ` (${verb} ${near})`;
}

/** `title (count): a, b and n more`, or nothing. */
function list(title: string, names: readonly string[], note: (name: string) => string): string {
  if (names.length === 0) return "";
  const shown = names.slice(0, LISTED).map((name) => name + note(name)).join(", ");
  const rest = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  return `${title} (${names.length}): ${shown}${rest}`;
}
