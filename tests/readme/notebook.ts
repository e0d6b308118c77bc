import { parse } from "@babel/parser";

/** A notebook as Jupyter keeps it, as far as it is read here. */
export interface Notebook {
  readonly metadata: { readonly kernelspec: { readonly name: string } };
  readonly cells: readonly {
    readonly cell_type: "code" | "markdown";
    readonly source: readonly string[];
    readonly outputs?: readonly unknown[];
  }[];
}

/**
 * Puts a notebook's cells together to one module that runs them in order and, as a kernel does, shows the value of the expression that
 * a cell ends with. `Deno.jupyter`, which is there in a kernel alone and cannot be put there elsewhere, becomes `globalThis.jupyter`.
 *
 * @param notebook with code in TypeScript
 * @param show name of the function that is called with the number of the cell, from 0 among all, and that value
 * @returns the module's code
 */
export function notebookModule({ cells }: Notebook, show: string): string {
  const imports: string[] = [], body: string[] = [];
  cells.forEach(({ cell_type, source }, cell) => {
    if (cell_type !== "code") return;
    const code = source.join("");
    const { body: statements } = parse(code, {
      sourceType: "module",
      plugins: ["typescript"],
    }).program;
    statements.forEach((statement, i) => {
      const text = code.slice(statement.start!, statement.end!);
      if (statement.type === "ImportDeclaration") imports.push(text);
      else if (statement.type === "ExpressionStatement" && i === statements.length - 1) {
        const { start, end } = statement.expression;
        body.push(`await ${show}(${cell}, ${code.slice(start!, end!)});`);
      } else body.push(text);
    });
  });
  return [...imports, ...body, ""].join("\n").replaceAll("Deno.jupyter", "globalThis.jupyter");
}
