import { type Broken, describeValue, didYouMean, Opaque, show, TensorRecord } from "seamstress";

/** Where training scripts keep the state dict among other things. */
const USUAL_KEY = "state_dict";

/** Keys that a message lists. */
const LISTED = 12;

/**
 * Finds the state dict in what a file holds. Without a key it is the file's entry `state_dict`, else its only entry that is a dict
 * with tensors, else the file itself. What else the file holds is not looked at.
 *
 * @param root the unpickled object
 * @param key of the entry that is the state dict
 * @param broken makes the error where there is none, or where it could be several
 * @returns parameter name → tensor, or what else stands in its place, in file order
 */
export function findStateDict(
  root: unknown,
  key: string | undefined,
  broken: Broken,
): ReadonlyMap<string, unknown> {
  if (!(root instanceof Map)) {
    throw broken(
      `it holds ${describe(root)}, expected a state dict or a dict that has one${resave(root)}`,
    );
  }
  const chosen = key ?? chooseEntry(root, broken);
  if (chosen === undefined) return stateDict(root, "it", broken);
  if (root.has(chosen)) return stateDict(root.get(chosen), `its entry ${show(chosen)}`, broken);
  throw broken(
    `it has no entry ${show(chosen)}${
      didYouMean(chosen, textKeys(root))
    }, which option key names as ` +
      `the state dict; its entries: ${list(root)}`,
  );
}

/** The entry that is the state dict; undefined where the file itself is it. */
function chooseEntry(root: ReadonlyMap<unknown, unknown>, broken: Broken): string | undefined {
  const usual = root.get(USUAL_KEY);
  if (usual !== undefined && !(usual instanceof TensorRecord)) return USUAL_KEY;
  const candidates = textKeys(root).filter((key) => holdsTensors(root.get(key)));
  if (candidates.length > 1) {
    const keys = candidates.slice(0, LISTED).map(show).join(", ");
    throw broken(
      `its entries ${keys} all are dicts with tensors; option key says which one is the state dict`,
    );
  }
  if (candidates.length === 1) return candidates[0];
  if (holdsTensors(root)) return undefined;
  throw broken(
    `neither it nor one of its entries is a dict with tensors; its entries: ${list(root)}` +
      resave([...root.values()].find((value) => value instanceof Opaque)),
  );
}

function holdsTensors(value: unknown): boolean {
  return value instanceof Map && value.values().some((item) => item instanceof TensorRecord);
}

function textKeys(root: ReadonlyMap<unknown, unknown>): string[] {
  return [...root.keys()].filter((name) => typeof name === "string");
}

/** The entries, each with what it is: `epoch (a number), model (a dict)`. */
function list(root: ReadonlyMap<unknown, unknown>): string {
  const keys = textKeys(root);
  const shown = keys.slice(0, LISTED).map((key) => `${brief(key)} (${describe(root.get(key))})`);
  const more = keys.length > LISTED ? ` and ${keys.length - LISTED} more` : "";
  return `${shown.join(", ") || "none by name"}${more}`;
}

function stateDict(dict: unknown, what: string, broken: Broken): ReadonlyMap<string, unknown> {
  if (!(dict instanceof Map)) {
    throw broken(`${what} is ${describe(dict)}, expected a state dict${resave(dict)}`);
  }
  for (const name of dict.keys()) {
    if (typeof name !== "string") throw broken(`${what} has ${describe(name)} for a name`);
  }
  if (!holdsTensors(dict)) {
    const opaque = dict.values().find((value) => value instanceof Opaque);
    throw broken(
      `${what} is a dict without tensors, expected a state dict; its entries: ${list(dict)}${
        resave(opaque)
      }`,
    );
  }
  return dict;
}

/**
 * Says what to do about an object of a class that is not read.
 *
 * @param value an unpickled value
 * @returns the end of a message; empty for values of other kinds
 */
export function resave(value: unknown): string {
  return value instanceof Opaque
    ? "; nothing in a file is executed, only tensors in plain dicts are read: save them alone, in Python where its classes are " +
      "known, by torch.save(dict(net.state_dict()), FILE)"
    : "";
}

function brief(key: string): string {
  return show(key).slice(1, -1);
}

/**
 * Says what stands in a file.
 *
 * @param value an unpickled value
 * @returns such as `a tensor`
 */
export function describe(value: unknown): string {
  return value instanceof TensorRecord ? "a tensor" : describeValue(value);
}
