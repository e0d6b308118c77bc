import { show } from "seamstress";
import { type ClassMap, IGNORED } from "./classes.ts";

/** Maximum number of classes and values that a message lists. */
const LISTED = 20;

function listed(names: readonly string[]): string {
  const rest = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  return names.slice(0, LISTED).join(", ") + rest;
}

/** Explains how to state the meaning of mask values, where it was derived from the class names. */
function howToState({ classes, implied }: ClassMap): string {
  if (!implied) return "; a number is a class's place in vocabulary, from 1";
  const own = listed(classes);
  return ", since the classes' names are VOC's and no vocabulary is stated; where the masks number the classes in " +
    `their own order, state vocabulary: [${own}] (data: --vocabulary ${own.replaceAll(", ", ",")})`;
}

/**
 * Says which rule maps mask values to classes, where the other rule would also fit and would give different classes.
 *
 * @param held by mask value, more than 0 where it occurs in any mask
 * @param classes maps mask values to classes
 * @returns the rule, the classes that it gives, and how to choose the other rule; `undefined` where only one rule fits
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ClassMap } from "./classes.ts";
 * import { orderRemark } from "./truth.ts";
 * const held = Uint8Array.of(1, 1, 1);
 * assertEquals(
 *   orderRemark(held, ClassMap.of(["bicycle", "aeroplane"]))?.slice(0, 74),
 *   "masks hold 1, 2, read by VOC's numbers as aeroplane, bicycle; in the order",
 * );
 * assertEquals(orderRemark(held, ClassMap.of(["aeroplane", "bicycle"])), undefined);
 * ```
 */
export function orderRemark(held: ArrayLike<number>, classes: ClassMap): string | undefined {
  const { classes: own, vocabulary, implied, areVoc } = classes;
  const numbers = Array.from({ length: IGNORED - 1 }, (_, i) => i + 1)
    .filter((value) => held[value]! > 0);
  const namesOf = (names: readonly string[]) => numbers.map((value) => names[value - 1]!);
  const isUnclear = implied && areVoc && numbers.every((value) => value <= own.length) &&
    namesOf(own).join() !== namesOf(vocabulary).join();
  if (!isUnclear) return undefined;
  return `masks hold ${listed(numbers.map(String))}, read by VOC's numbers as ${
    listed(namesOf(vocabulary))
  }; in the order of classes they would be ${
    listed(namesOf(own))
  }: state vocabulary: voc or vocabulary: [${listed(own)}]`;
}

/**
 * Finds faults of the ground truth as a whole, which would otherwise train or score without an error and give meaningless
 * results: no pixel is scored, no class of the experiment occurs, or the masks appear to use the order of the classes and are
 * read by VOC's indices.
 *
 * @param held by mask value, more than 0 where it occurs in any mask; values outside the vocabulary are reported per mask,
 *   elsewhere
 * @param classes maps mask values to classes
 * @returns the fault, to follow "Cannot use …: "; `undefined` where there is none
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ClassMap } from "./classes.ts";
 * import { truthProblem } from "./truth.ts";
 * const held = new Uint8Array(256);
 * held[0] = held[255] = 1;
 * const problem = truthProblem(held, ClassMap.of(["tumour"]));
 * assertEquals(
 *   problem,
 *   'its masks hold only 0 and 255, and 255 is "ignored": no pixel of any class; save the class tumour as 1',
 * );
 * held[1] = 1;
 * assertEquals(truthProblem(held, ClassMap.of(["tumour"])), undefined);
 * ```
 */
export function truthProblem(held: ArrayLike<number>, classes: ClassMap): string | undefined {
  const found = Array.from({ length: IGNORED }, (_, value) => value)
    .filter((value) => held[value]! > 0);
  const numbers = found.filter((value) => value > 0);
  if (numbers.length === 0) {
    const [first = ""] = classes.classes;
    const save = classes.classes.length === 1
      ? `save the class ${first} as 1`
      : "save classes by their numbers, from 1";
    if (found.length === 0) {
      return held[IGNORED]! > 0
        ? `every pixel of its masks is 255, which is "ignored": there is no ground truth; ${save}`
        : "its masks hold no pixel";
    }
    return held[IGNORED]! > 0
      ? `its masks hold only 0 and 255, and 255 is "ignored": no pixel of any class; ${save}`
      : `its masks hold only 0, background: no pixel of any class; ${save}`;
  }
  const names = numbers.map((value) => {
    const name = classes.vocabulary[value - 1];
    return `${value} (${name === undefined ? "no class" : show(name).slice(1, -1)})`;
  });
  const isSelected = (value: number) =>
    classes.classes.includes(classes.vocabulary[value - 1] ?? "");
  const selected = numbers.filter(isSelected);
  if (selected.length === 0) {
    return `no pixel of ${listed(classes.classes)}: its masks hold ${listed(names)}${
      howToState(classes)
    }`;
  }
  // With VOC's indices some pixels are left out and some class never occurs; with the order of the classes all values are valid.
  const own = numbers.every((value) => value <= classes.classes.length);
  if (
    classes.implied && classes.areVoc && own && selected.length < numbers.length &&
    selected.length < classes.classes.length
  ) {
    return `its masks hold ${
      listed(names)
    } and nothing above ${classes.classes.length}, the number of classes, of which ` +
      `${classes.classes.length - selected.length} do not occur${
        howToState(classes)
      }, else vocabulary: voc`;
  }
  return undefined;
}
