import { cut, userError } from "../../../core/errors.ts";
import { matchesAny } from "./glob.ts";
import type { LoadStateOptions, ParamSpec, StateShapes } from "../../../core/contracts/params.ts";
import type { DType } from "../../../core/contracts/state_dict.ts";
import { nearest } from "../../../core/registry/suggest.ts";
import { torchShape } from "./layout.ts";
import { otherNetwork, prefixed } from "./other_names.ts";

/** Names listed of each kind of mismatch before "and n more". */
const LISTED = 8;

/** Longest part of a name that a message shows, in characters. */
const MAX_SHOWN = 200;

/** Types that become float32 in memory. */
const FLOATS: readonly DType[] = ["F32", "F16", "BF16", "F64"];

/**
 * Compares a state dict with a network.
 *
 * @param specs the network's parameters
 * @param state what the file holds, PyTorch names and layouts; elements are not looked at
 * @param options which differences are allowed
 * @throws {RangeError} one error that lists every kind of mismatch, with the nearest names; or that says that the weights are another
 *   network's, or under names with a prefix
 */
export function refuseMismatch(
  specs: readonly ParamSpec[],
  state: StateShapes,
  options: LoadStateOptions,
): void {
  const { from, allowMissing = [], allowExtra = [] } = options;
  const refusal = (problem: string) =>
    userError(new RangeError(`Cannot load ${from} into the network: ${problem}`));
  const known = new Set(specs.map((spec) => spec.name));
  const missing = specs.map((spec) => spec.name)
    .filter((name) => !state.has(name) && !matchesAny(name, allowMissing));
  const extra = [...state.keys()]
    .filter((name) => !known.has(name) && !matchesAny(name, allowExtra));
  const strangers = [...state.keys()].filter((name) => !known.has(name));
  if (missing.length > 0) {
    const whole = prefixed(missing, strangers, options) ??
      otherNetwork([...known], missing, strangers);
    if (whole !== undefined) throw refusal(whole);
  }
  const parts = [
    list("the file lacks", missing, (name) => like(name, strangers, "it has")),
    list("the network does not know", extra, (name) => like(name, known, "it knows")),
    list("of another shape or type", unfit(specs, state), () => ""),
  ].filter((part) => part !== "");
  if (parts.length === 0) return;
  throw refusal(parts.join("; ") + (missing.length === 0 ? ignoring(extra, options) : ""));
}

/** Arrays whose type or shape does not fit their parameter. */
function unfit(specs: readonly ParamSpec[], state: StateShapes): string[] {
  const found: string[] = [];
  for (const spec of specs) {
    const array = state.get(spec.name);
    if (array === undefined) continue;
    const wanted = torchShape(spec);
    if ("unread" in array) {
      found.push(`${spec.name} ${array.unread}`);
    } else if (array.shape.join() !== wanted.join()) {
      found.push(`${spec.name} is [${array.shape}] in the file, [${wanted}] in the network`);
    } else if (!FLOATS.includes(array.dtype)) {
      found.push(`${spec.name} is ${array.dtype} in the file, a float is needed`);
    }
  }
  return found;
}

/** Says which option lets tensors be ignored. */
function ignoring(extra: readonly string[], { options = [] }: LoadStateOptions): string {
  if (extra.length === 0 || !options.includes("allowExtra")) return "";
  const names = extra.slice(0, 3).map((name) => cut(name, MAX_SHOWN)).join(", ") +
    (extra.length > 3 ? ", …" : "");
  return `; option allowExtra says which of them are to be ignored: allowExtra: [${names}], with * for any text`;
}

function like(name: string, candidates: Iterable<string>, verb: string): string {
  const near = nearest(name, candidates);
  return near === undefined ? "" : ` (${verb} ${cut(near, MAX_SHOWN)})`;
}

/** `title (count): a, b and n more`, or nothing. */
function list(title: string, names: readonly string[], note: (name: string) => string): string {
  if (names.length === 0) return "";
  const shown = names.slice(0, LISTED).map((name) => cut(name, MAX_SHOWN) + note(name)).join(", ");
  const rest = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  return `${title} (${names.length}): ${shown}${rest}`;
}
