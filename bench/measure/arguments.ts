import { userError } from "seamstress";

/**
 * Reads an argument that is a whole number.
 *
 * @param given as the command line has it, by name
 * @param name of the argument
 * @param least the smallest that is valid
 * @returns the number
 * @throws {RangeError} a user error, naming the argument, what was found and what is valid
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { wholeNumber } from "./arguments.ts";
 * assertEquals(wholeNumber({ rounds: "3" }, "rounds"), 3);
 * assertThrows(() => wholeNumber({ rounds: "many" }, "rounds"), RangeError, "--rounds");
 * ```
 */
export function wholeNumber(
  given: Readonly<Record<string, unknown>>,
  name: string,
  least = 1,
): number {
  const text = String(given[name]), number = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(number) && number >= least) return number;
  throw userError(
    new RangeError(
      `Cannot measure with --${name} ${text}: expected a whole number of at least ${least}`,
    ),
  );
}

/**
 * Refuses what no argument is.
 *
 * @param question whose arguments they are
 * @param valid names of its arguments
 * @returns what parseArgs calls for an unknown one
 */
export function refuseUnknown(
  question: string,
  valid: readonly string[],
): (argument: string) => never {
  return (argument) => {
    throw userError(
      new RangeError(
        `Cannot record ${question} with ${argument}: arguments are ${
          valid.map((name) => `--${name}`).join(", ")
        }`,
      ),
    );
  };
}
