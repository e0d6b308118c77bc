import type { Verification } from "../verify.ts";

/**
 * Lays verifications out as a table.
 *
 * @param results of {@linkcode verify}
 * @returns lines of text: for every file its quantities with both errors, and a last line that counts; an arrow marks the error
 *   that has to be within the tolerance
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { compare } from "./compare.ts";
 * import { formatVerification } from "./format.ts";
 * const cam = compare("cam", [1], [1], { criterion: "maxRelative", tolerance: 5e-5 });
 * const text = formatVerification([
 *   { path: "a.safetensors", seconds: 1, quantities: [{ ...cam, passed: true }], passed: true },
 * ]);
 * assertStringIncludes(text, "1 of 1 files pass");
 * ```
 */
export function formatVerification(results: readonly Verification[]): string {
  const lines: string[] = [];
  const names = results.flatMap(({ quantities }) => quantities.map(({ name }) => name.length));
  const width = Math.max("quantity".length, ...names);
  for (const { path, kind, seconds, quantities, error, passed } of results) {
    const state = passed ? "pass" : "FAIL";
    lines.push(
      `${state}  ${path}${kind === undefined ? "" : ` (${kind})`}  ${seconds.toFixed(1)} s`,
    );
    if (error !== undefined) lines.push(`      ${error}`);
    if (quantities.length > 0) {
      lines.push(row("", "quantity".padEnd(width), "max rel ", "rel L2  ", "tolerance"));
    }
    for (const { name, maxRelative, relativeL2, criterion, tolerance, passed } of quantities) {
      const show = (error: number, counts: boolean) => scientific(error) + (counts ? " <" : "  ");
      lines.push(row(
        passed ? "pass" : "FAIL",
        name.padEnd(width),
        show(maxRelative, criterion === "maxRelative"),
        show(relativeL2, criterion === "relativeL2"),
        scientific(tolerance),
      ));
    }
  }
  const good = results.filter(({ passed }) => passed).length;
  lines.push(`${good} of ${results.length} files pass`);
  return lines.join("\n");
}

function scientific(value: number): string {
  return value === 0 ? "0" : value.toExponential(1);
}

function row(state: string, name: string, maxRelative: string, l2: string, bound: string): string {
  const columns = [maxRelative, l2, bound].map((text) => text.padStart(11)).join("");
  return `  ${state.padEnd(6)}${name}${columns}`;
}
