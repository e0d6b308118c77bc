import { userError } from "../../../core/errors.ts";
import type { StateDict } from "../../../core/contracts/state_dict.ts";
import type { ParamSpec } from "../../../core/contracts/params.ts";

/** Parameters that a message names. */
const LISTED = 8;

/**
 * Refuses weights that hold NaN or infinite values, such as a training that diverged leaves.
 *
 * @param specs the parameters that are looked at; what else the file holds may be anything
 * @param state PyTorch names
 * @param from the file's name, for messages
 * @throws {RangeError} naming the parameters, and how many of their values are not finite
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { refuseNonFinite } from "./finite.ts";
 * const bias = { dtype: "F32" as const, shape: [2], data: Float32Array.of(1, NaN) };
 * const spec = { name: "fc.bias" };
 * assertThrows(() => refuseNonFinite([spec], new Map([["fc.bias", bias]]), "a.pth"), RangeError, "fc.bias (1 of 2)");
 * ```
 */
export function refuseNonFinite(
  specs: readonly Pick<ParamSpec, "name">[],
  state: StateDict,
  from: string,
): void {
  const found: string[] = [];
  for (const { name } of specs) {
    const data = state.get(name)?.data;
    if (!(data instanceof Float32Array)) continue;
    let count = 0;
    for (const value of data) {
      // Only NaN and infinite values differ from themselves by something else than 0.
      if (value - value !== 0) count++;
    }
    if (count > 0) found.push(`${name} (${count} of ${data.length})`);
  }
  if (found.length === 0) return;
  const more = found.length > LISTED ? ` and ${found.length - LISTED} more` : "";
  throw userError(
    new RangeError(
      `Cannot load ${from} into the network: values that are no finite float32 are in ${found.length} of its ` +
        `parameters: ${found.slice(0, LISTED).join(", ")}${more}; ` +
        "the training that wrote it ran away, or the file is damaged",
    ),
  );
}
