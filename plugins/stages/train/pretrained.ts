import {
  type Backbone,
  hashFile,
  type LoadStateOptions,
  messageOf,
  type ParamSpec,
  userError,
  type Weights,
  type WeightsCard,
} from "seamstress";
import { cardOf, type Given, refuseMismatch } from "seamstress/wsss";

/** A file's metadata. That it is missing is what a new user meets first: the option that names it is said, and where files come from. */
async function readCard(weights: Weights, option: string): Promise<WeightsCard> {
  try {
    return await weights.check();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) || weights.from !== undefined) throw error;
    throw userError(
      new Deno.errors.NotFound(
        `${
          messageOf(error)
        }; it holds the weights to start from: --set ${option}.file=PATH says where they are, ` +
          "docs/downloads.md where they come from",
        { cause: error },
      ),
    );
  }
}

/**
 * Fails where the metadata of a weights file states another input than the backbone's.
 *
 * @param id the stage
 * @param weights the file; only its header is read
 * @param backbone what it will be loaded into
 * @param option of the stage, that names the file's reader
 * @throws {RangeError} naming the file, the key and both values
 * @throws {Deno.errors.NotFound} naming the option where there is no such file
 */
export async function checkCard(
  id: string,
  weights: Weights,
  backbone: Backbone,
  option: "weights" | "backbone.weights",
): Promise<void> {
  const card = await readCard(weights, `${id}.${option}`);
  for (const [key, set] of Object.entries(cardOf(backbone))) {
    const asked = card[key];
    // A card may explain itself behind the value: "TensorFlow SAME (asymmetric at stride 2)".
    if (
      asked !== undefined && !asked.toLowerCase().replaceAll(" ", "").includes(set.toLowerCase())
    ) {
      throw userError(
        new RangeError(
          `Cannot plan stage ${id}: ${weights.path} asks for ${key} ${asked}, but the backbone is set to ${set}`,
        ),
      );
    }
  }
}

/**
 * Allowed differences between file and network: what a recipe adds (the head), and what the file's options allow. A stage's network has
 * a head too, so that a recipe says what it does not start from.
 */
function differences(weights: Weights, specs: readonly ParamSpec[]): LoadStateOptions {
  const scratch = weights.from !== undefined
    ? []
    : specs.filter((spec) => !spec.pretrained).map((spec) => spec.name);
  return {
    from: weights.path,
    allowMissing: [...scratch, ...weights.allowMissing ?? []],
    ...weights.allowExtra && { allowExtra: weights.allowExtra },
    ...weights.options && { options: weights.options },
  };
}

/**
 * Fails where a weights file does not fit the network, as loading it would; reads no elements.
 *
 * @param weights the file; one whose reader cannot tell shapes is left to loading
 * @param specs the network's parameters
 * @throws {RangeError} one error that lists missing, extra and mis-shaped names
 */
export async function checkShapes(
  weights: Weights,
  specs: readonly ParamSpec[],
): Promise<void> {
  const shapes = await weights.shapes?.();
  if (shapes) refuseMismatch(specs, shapes, differences(weights, specs));
}

/**
 * Reads a weights file for the pretrained parameters; those that a recipe adds (the head) may be missing.
 *
 * @param weights the file
 * @param specs the network's parameters
 * @returns what the parameters start from
 */
export async function readPretrained(
  weights: Weights,
  specs: readonly ParamSpec[],
): Promise<Given> {
  return { state: new Map(await weights.read()), ...differences(weights, specs) };
}

/**
 * Tells one content of weights from another.
 *
 * @param weights where they come from
 * @returns text that changes with their bytes, not with where or when they were written
 */
export function fingerprintOf(weights: Weights): Promise<string> {
  return weights.fingerprint?.() ?? hashFile(weights.path);
}
