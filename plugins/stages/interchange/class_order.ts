import * as z from "zod";
import { didYouMean, userError } from "seamstress";

/** Option of the stages that read and write maps by class number. */
export const fileClasses = z.array(z.string().min(1)).min(1).optional().describe(
  "Class names by the files' numbers, from 0; the data set's where not given",
);

/**
 * Says which class of the data set each class number of the files is.
 *
 * @param inFiles class names by number, where they are not the data set's
 * @param classes the data set's foreground classes
 * @returns by number in the files, class index from 0 in the data set, or -1 for a class that it does not have
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { classesOfFiles } from "./class_order.ts";
 * assertEquals(classesOfFiles(["cat", "cow", "dog"], ["dog", "cat"]), [1, -1, 0]);
 * ```
 */
export function classesOfFiles(
  inFiles: readonly string[] | undefined,
  classes: readonly string[],
): readonly number[] {
  return (inFiles ?? classes).map((name) => classes.indexOf(name));
}

/**
 * Says under which class number the files will have each class of the data set.
 *
 * @param id the stage's, for messages
 * @param inFiles class names by number, where they are not the data set's
 * @param classes the data set's foreground classes
 * @returns by class index from 0 in the data set, number in the files
 * @throws {RangeError} where the files have no number for a class
 */
export function numbersInFiles(
  id: string,
  inFiles: readonly string[] | undefined,
  classes: readonly string[],
): readonly number[] {
  const names = inFiles ?? classes;
  return classes.map((name) => {
    const number = names.indexOf(name);
    if (number >= 0) return number;
    throw userError(
      new RangeError(
        `Cannot plan stage ${id}: its classes lack "${name}"${didYouMean(name, names)}, ` +
          `a class of the data set; they are ${names.join(", ")}`,
      ),
    );
  });
}
