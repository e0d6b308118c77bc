import type { Quantity } from "../contracts/fixture.ts";
import type { Verification } from "../verify.ts";

/** The errors, in order; one that is not always shown is where it decides. */
const COLUMNS: readonly {
  readonly criterion: Quantity["criterion"];
  readonly title: string;
  readonly always: boolean;
}[] = [
  { criterion: "maxRelative", title: "max rel", always: true },
  { criterion: "relativeL2", title: "rel L2", always: true },
  { criterion: "maxAbsolute", title: "max abs", always: false },
];

/**
 * Lays verifications out as a table.
 *
 * @param results of {@linkcode verify}
 * @returns lines of text: for every file its quantities with both relative errors, and the absolute one where it is what counts,
 *   and a last line that counts; an arrow marks the error that has to be within the tolerance
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
    const shown = COLUMNS.filter(({ criterion, always }) =>
      always || quantities.some((quantity) => quantity.criterion === criterion)
    );
    if (quantities.length > 0) {
      const titles = shown.map(({ title }) => title.padEnd(8));
      lines.push(row("", "quantity".padEnd(width), [...titles, "tolerance"]));
    }
    for (const quantity of quantities) {
      const errors = shown.map(({ criterion }) => {
        const error = quantity[criterion];
        const mark = criterion === quantity.criterion ? " <" : "  ";
        return (error === undefined ? "" : scientific(error)) + mark;
      });
      const state = quantity.passed ? "pass" : "FAIL";
      const bound = scientific(quantity.tolerance);
      lines.push(row(state, quantity.name.padEnd(width), [...errors, bound]));
    }
  }
  const good = results.filter(({ passed }) => passed).length;
  lines.push(`${good} of ${results.length} files pass`);
  return lines.join("\n");
}

function scientific(value: number): string {
  return value === 0 ? "0" : value.toExponential(1);
}

function row(state: string, name: string, cells: readonly string[]): string {
  return `  ${state.padEnd(6)}${name}${cells.map((cell) => cell.padStart(11)).join("")}`;
}
