import { decodeNpyDict, show, userError } from "seamstress";

/** Number of digits in a VOC image's name: four of the year and six more. */
const IRN_DIGITS = 10;

/**
 * The image names that a key stands for. IRN writes 2007_000032 as the number 2007000032; any other number stands for its
 * digits.
 */
function namesOf(key: string | number): readonly string[] {
  if (typeof key === "string") return [key];
  const digits = String(key);
  const isVoc = digits.length === IRN_DIGITS && key > 0;
  return isVoc ? [digits, `${digits.slice(0, 4)}_${digits.slice(4)}`] : [digits];
}

/**
 * Reads image labels as the SEAM authors ship them (`cls_labels.npy`): a NumPy file of one pickled dict, image name → row of
 * numbers; or as IRN's do, whose names are whole numbers, 2007000032 for 2007_000032. The pickle is read as data; nothing in it is
 * executed.
 *
 * @param bytes the file
 * @param from the file's path, for messages
 * @returns image name → numbers, in file order; a key of ten digits is stored under both names, with and without underscore
 * @throws {SyntaxError} naming the file where it has another form
 */
export function readNpyLabels(bytes: Uint8Array, from: string): ReadonlyMap<string, Float32Array> {
  const refuse = (problem: string) =>
    userError(
      new SyntaxError(
        `Cannot read labels from ${from}: ${problem}; ` +
          "expected what numpy.save() makes of a dict, image name to row of 0 and 1",
      ),
    );
  const labels = new Map<string, Float32Array>();
  for (const [key, { type, shape, data }] of decodeNpyDict(bytes, from)) {
    const names = namesOf(key), [name = ""] = names;
    if (shape.length !== 1) {
      throw refuse(`the label of ${name} is ${type} of shape (${shape.join(", ")})`);
    }
    const row = Float32Array.from(data as ArrayLike<number | bigint>, Number);
    for (const each of names) {
      if (labels.has(each)) throw refuse(`two names stand for image ${show(each).slice(1, -1)}`);
      labels.set(each, row);
    }
  }
  return labels;
}
