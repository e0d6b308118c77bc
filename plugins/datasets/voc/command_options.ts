import { type Flags, resolvePath, userError } from "seamstress";
import * as z from "zod";

/**
 * @param given arguments
 * @param command what is being done, for messages
 * @returns the folder given as the command's only argument, absolute
 * @throws {TypeError} where there is none, or more
 */
export function rootOf(given: Flags, command: string): string {
  const [root, ...more] = given._;
  if (root !== undefined && more.length === 0) return resolvePath(Deno.cwd(), root);
  throw userError(
    new TypeError(
      `Cannot ${command}: expected one folder, found ${given._.length}; such as data/VOCdevkit`,
    ),
  );
}

/**
 * @param given arguments
 * @returns most pixels of an image or mask, where given
 * @throws {RangeError} where it is no such number
 */
export function limitOf(given: Flags): number | undefined {
  const text = given.text("pixels");
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw userError(
    new RangeError(`Cannot read option --pixels: found ${text}, expected a number of pixels >= 1`),
  );
}

/**
 * @param given arguments
 * @param option whose value is names separated by commas
 * @returns them, where given
 * @throws {TypeError} where one is empty
 */
export function namesOf(given: Flags, option: string): readonly string[] | undefined {
  const names = given.text(option)?.split(",").map((name) => name.trim());
  if (names?.includes("")) {
    throw userError(
      new TypeError(`Cannot read option --${option}: a name is empty; such as cat,dog`),
    );
  }
  return names;
}

/**
 * @param given arguments
 * @returns the classes that masks know, where given; `voc` stands for VOC's
 */
export function vocabularyOf(given: Flags): readonly string[] | "voc" | undefined {
  const names = namesOf(given, "vocabulary");
  return names?.join() === "voc" ? "voc" : names;
}

/**
 * Makes a data set's options of arguments.
 *
 * @param options the data set's
 * @param stated values as given; undefined where one is not
 * @param command what is being done, for messages
 * @returns the options
 * @throws {TypeError} where they are not valid
 */
export function optionsFrom<T extends z.ZodType>(
  options: T,
  stated: Readonly<Record<string, unknown>>,
  command: string,
): z.output<T> {
  const known = Object.entries(stated).filter(([, value]) => value !== undefined);
  const { data, error } = options.safeParse(Object.fromEntries(known));
  if (error === undefined) return data;
  throw userError(new TypeError(`Cannot ${command}: ${z.prettifyError(error)}`));
}

/**
 * Writes a file where the task may not have the permission to.
 *
 * @param path absolute
 * @param write writes it
 * @param instead what to do where it may not be written
 * @throws {Error} saying so
 */
export async function writeBelow(
  path: string,
  write: () => Promise<unknown>,
  instead: string,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    const cause = error instanceof Error ? error.cause ?? error : error;
    if (!(cause instanceof Deno.errors.NotCapable)) throw error;
    throw userError(
      new Error(
        `Cannot write ${path}: the task may write below ${Deno.cwd()} alone; ${instead}`,
        { cause: error },
      ),
    );
  }
}
