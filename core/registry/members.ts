import { userError } from "../errors.ts";
import type { Contracts, Kind } from "./plugin.ts";

/** What a plugin of each kind cannot do without; the compiler knows the names. */
const MEMBERS: { readonly [K in Kind]: readonly (keyof Contracts[K]["plugin"])[] } = {
  backend: ["available", "prepare"],
  group: ["size", "join"],
  backbone: ["taps", "params", "input", "forward"],
  head: ["outputs", "params", "forward"],
  method: ["provides", "needs", "step"],
  view: ["draw"],
  loss: ["needs", "compute"],
  optimizer: ["schedule", "rates", "update", "state", "restore", "dispose"],
  schedule: ["factor"],
  op: [],
  transform: ["apply"],
  dataset: ["classes", "length", "name", "label", "read", "check", "fingerprint"],
  refinement: ["refine"],
  metric: ["needs", "start"],
  weights: ["path", "check", "read"],
  stage: ["from", "check", "gives", "run"],
  observer: [],
  fixture: [],
};

/**
 * Fails where what a plugin made lacks a member: JavaScript would fail on it later, far from its name.
 *
 * @param kind the plugin's
 * @param name the plugin's
 * @param made what its `create` gave
 * @returns the same
 * @throws {TypeError} naming the plugin and what it lacks
 */
export function checkMembers<T>(kind: Kind, name: string, made: T): T {
  const lacking = (MEMBERS[kind] as readonly string[]).filter((member) =>
    (made as Record<string, unknown> | null | undefined)?.[member] === undefined
  );
  if (lacking.length === 0) return made;
  throw userError(
    new TypeError(
      `Cannot use ${kind} ${name}: what its create() gives lacks ${
        lacking.join(", ")
      }; a ${kind} has ${MEMBERS[kind].join(", ")}`,
    ),
  );
}
