import { decodeNpyDict, mistake } from "seamstress";

/**
 * Reads image labels as the SEAM authors ship them (`cls_labels.npy`): a NumPy file of one pickled dict, image name → row of
 * numbers. The pickle is read as data; nothing in it is executed.
 *
 * @param bytes the file
 * @param from the file's path, for messages
 * @returns image name → numbers, in file order
 * @throws {SyntaxError} naming the file where it is of another form
 */
export function readNpyLabels(bytes: Uint8Array, from: string): ReadonlyMap<string, Float32Array> {
  const refuse = (problem: string) =>
    mistake(
      new SyntaxError(
        `Cannot read labels from ${from}: ${problem}; ` +
          "expected what numpy.save() makes of a dict, image name to row of 0 and 1",
      ),
    );
  const labels = new Map<string, Float32Array>();
  for (const [name, { type, shape, data }] of decodeNpyDict(bytes, from)) {
    if (typeof name !== "string") throw refuse(`the name ${name} is no text`);
    if (shape.length !== 1) {
      throw refuse(`the label of ${name} is ${type} of shape (${shape.join(", ")})`);
    }
    labels.set(name, Float32Array.from(data as ArrayLike<number | bigint>, Number));
  }
  return labels;
}
