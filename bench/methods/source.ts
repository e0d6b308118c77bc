import { type Method, readSources, ROOT } from "./list.ts";

/** What a method is made of. */
export interface Source {
  /** Lines of code: not blank, no comment. */
  readonly lines: number;
  /** Kinds of its plugins, and what it uses of their contracts beyond the least. */
  readonly contracts: readonly string[];
}

/** What is used of a contract beyond the least, and how that reads in a plugin's source. */
const USED: readonly (readonly [string, RegExp])[] = [
  ["state across steps", /\bafterStep\s*[(:]|\bemaTeacher\(/],
  ["trained parameters of its own", /\bparams:(?=[^;]*\btrainable: true)/],
  ["whole batch", /\bstatistics: "batch"/],
  ["random numbers of a sample", /\bfirstRow\b/],
  ["provides tensors", /\bprovided\b/],
  ["maps of the data set", /\btargets: \[(?!\])/],
  ["image gradients", /\btf\.(grads?|valueAndGrads?)\(/],
  ["taps that are no maps", /\bkind === "(tokens|attention)"|"attention"/],
];

/**
 * Describes a method by its source.
 *
 * @param method whose files
 * @param root of the repository
 * @returns lines and contracts
 */
export async function describeSource(
  { files }: Pick<Method, "files">,
  root: string = ROOT,
): Promise<Source> {
  const sources = (await readSources(files, root)).map(({ text }) => withoutComments(text));
  const code = sources.join("\n");
  const kinds = [...code.matchAll(/\bkind: "([a-z]+)",\s*name: "/g)].map(([, kind]) => kind!);
  const counted = [...Map.groupBy(kinds, (kind) => kind)]
    .map(([kind, all]) => all.length > 1 ? `${all.length} ${plural(kind)}` : kind);
  return {
    lines: code.split("\n").filter((line) => line.trim() !== "").length,
    contracts: [
      ...counted.sort(),
      ...USED.filter(([, pattern]) => pattern.test(code)).map(([what]) => what),
    ],
  };
}

/**
 * Takes comments out of TypeScript.
 *
 * @param text without comment signs inside of strings at the start of a line or behind a space
 * @returns the code
 */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}

function plural(kind: string): string {
  return kind.endsWith("s") ? `${kind}es` : `${kind}s`;
}
