import { parse, type ParserPlugin } from "@babel/parser";
import { messageOf, userError } from "../../core/errors.ts";

/** A file that a module imports or names. */
export interface NamedFile {
  /** As it is written. */
  readonly specifier: string;
  /**
   * `import`: loaded with the module; `later`: imported while it runs, or for its types alone; `file`: opened by its address, which
   * starts from the module.
   */
  readonly how: "import" | "later" | "file";
}

/** The files that a module's text names. */
export interface Imports {
  readonly files: readonly NamedFile[];
  /** True where it imports by a name that is computed while it runs. */
  readonly computed: boolean;
}

type Node = Readonly<Record<string, unknown>> & { readonly type: string };

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value &&
    typeof value.type === "string";
}

/** The value of a string literal. */
function literal(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === "StringLiteral") return String(value["value"]);
  const { quasis, expressions } = value as Node & { quasis?: Node[]; expressions?: Node[] };
  if (value.type !== "TemplateLiteral" || expressions?.length !== 0) return undefined;
  return String((quasis?.[0]?.["value"] as { cooked?: string } | undefined)?.cooked ?? "");
}

/** The text of a callee such as `import.meta.resolve`. */
function nameOf(value: unknown): string {
  if (!isNode(value)) return "";
  if (value.type === "Identifier") return String(value["name"]);
  if (value.type === "MetaProperty") return `${nameOf(value["meta"])}.${nameOf(value["property"])}`;
  if (value.type !== "MemberExpression" || value["computed"]) return "";
  return `${nameOf(value["object"])}.${nameOf(value["property"])}`;
}

function isTypeOnly({ importKind, exportKind, specifiers }: Node): boolean {
  if (importKind === "type" || exportKind === "type") return true;
  const list = Array.isArray(specifiers) ? specifiers.filter(isNode) : [];
  const isType = (node: Node) => node["importKind"] === "type" || node["exportKind"] === "type";
  return list.length > 0 && list.every(isType);
}

/** What one node of the syntax tree names; `computed` where it imports what cannot be known before it runs. */
function namedBy(node: Node): NamedFile | "computed" | undefined {
  const [first, second] = Array.isArray(node["arguments"]) ? node["arguments"] : [];
  const callee = nameOf(node["callee"]);
  const take = (value: unknown, how: NamedFile["how"]): NamedFile | undefined => {
    const specifier = literal(value);
    return specifier === undefined ? undefined : { specifier, how };
  };
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
      return take(node["source"], isTypeOnly(node) ? "later" : "import");
    case "TSExternalModuleReference":
      return take(node["expression"], "import");
    case "ImportExpression":
      return take(node["source"], "later") ?? "computed";
    case "CallExpression":
      if (callee === "require") return take(first, "later") ?? "computed";
      return callee === "import.meta.resolve" ? take(first, "file") ?? "computed" : undefined;
    case "NewExpression":
      return callee === "URL" && nameOf(second) === "import.meta.url"
        ? take(first, "file") ?? "computed"
        : undefined;
    default:
      return undefined;
  }
}

/**
 * Finds what a module's text names: imports, re-exports, dynamic imports, `require`, `import.meta.resolve` and
 * `new URL(…, import.meta.url)`, as far as the names are written out.
 *
 * @param text JavaScript or TypeScript
 * @param path the module's, whose ending tells the language; for messages too
 * @returns the files, in order of the text
 * @throws {SyntaxError} naming the module where it cannot be parsed
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { importsOf } from "./imports.ts";
 * assertEquals(importsOf('export { a } from "./a.ts"; await import(name);', "b.ts"), {
 *   files: [{ specifier: "./a.ts", how: "import" }],
 *   computed: true,
 * });
 * ```
 */
export function importsOf(text: string, path: string): Imports {
  const plugins: ParserPlugin[] = ["decorators", "decoratorAutoAccessors"];
  if (/\.([mc]?ts|tsx)$/.test(path)) plugins.push("typescript");
  if (/\.[jt]sx$/.test(path)) plugins.push("jsx");
  let tree: unknown;
  try {
    tree = parse(text, {
      sourceType: "unambiguous",
      allowReturnOutsideFunction: true,
      createImportExpressions: true,
      errorRecovery: true,
      plugins,
    }).program;
  } catch (error) {
    throw userError(new SyntaxError(`Cannot follow the imports of ${path}: ${messageOf(error)}`));
  }
  const files: NamedFile[] = [];
  let computed = false;
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (isNode(value)) {
      const named = namedBy(value);
      if (named === "computed") computed = true;
      else if (named) files.push(named);
      Object.values(value).forEach(visit);
    }
  };
  visit(tree);
  return { files, computed };
}
