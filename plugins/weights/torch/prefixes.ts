import type { Broken } from "../../../core/formats/byte_reader.ts";
import type { Pth } from "./pth.ts";

/**
 * Takes the beginnings off a state dict's names that a wrapping module put there, such as `backbone.`.
 *
 * @param pth the state dict
 * @param prefixes to be taken off, each once, in this order
 * @param broken makes the error where the names do not allow it
 * @returns the same tensors by the shorter names
 * @throws {SyntaxError} where no name begins so, or two become one
 */
export function withoutPrefixes(pth: Pth, prefixes: readonly string[], broken: Broken): Pth {
  if (prefixes.length === 0) return pth;
  const names = [...pth.shapes.keys()];
  const short = new Map(names.map((name) => [name, name]));
  for (const prefix of prefixes) {
    const longer = [...short].filter(([, name]) => name.startsWith(prefix));
    if (longer.length === 0) {
      const [first = "none"] = short.values();
      throw broken(
        `no name in it begins with "${prefix}", which option prefixes takes off; its first is ${first}`,
      );
    }
    for (const [name, now] of longer) short.set(name, now.slice(prefix.length));
  }
  const seen = new Map<string, string>();
  for (const [name, now] of short) {
    const twin = seen.get(now);
    if (twin !== undefined) {
      throw broken(`without ${prefixes.join(", ")} "${twin}" and "${name}" both are "${now}"`);
    }
    seen.set(now, name);
  }
  const rename = <T>(by: ReadonlyMap<string, T>) =>
    new Map([...by].map(([name, value]) => [short.get(name)!, value]));
  return { shapes: rename(pth.shapes), read: () => rename(pth.read()) };
}
