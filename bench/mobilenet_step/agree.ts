import { userError } from "seamstress";
import { digits } from "../measure/digits.ts";
import { disagreement, GRADIENT_TOLERANCE, gradientsApart, TOLERANCES } from "../step/agreement.ts";
import { LOSSES } from "../step/seam_losses.ts";
import type { StepGradients } from "./gradients.ts";

/** What an implementation computed from the start. */
export interface Computed {
  readonly name: string;
  /** Of each compared step. */
  readonly losses: readonly (readonly number[])[];
  /** Of the first step. */
  readonly gradients: StepGradients;
}

/**
 * Compares losses and gradients.
 *
 * @param all implementations, the one that the others are compared with first
 * @returns by implementation how far they are apart
 * @throws {RangeError} a user error, where they differ by more than float32 explains: times would mean nothing
 */
export function agree(
  [reference, ...others]: readonly [Computed, ...Computed[]],
): Readonly<Record<string, { readonly losses: number; readonly gradients: number }>> {
  const apart = others.map(({ name, losses, gradients }) => {
    const loss = disagreement(reference.losses, losses, "float32");
    const gradient = gradientsApart(reference.gradients, gradients);
    return { name, loss, gradient, losses };
  });
  const wrong = apart.filter(({ loss, gradient }) =>
    !loss.agrees || !(gradient.apart <= GRADIENT_TOLERANCE)
  );
  if (wrong.length > 0) {
    const lines = wrong.map(({ name, losses, gradient }) =>
      `${name}: losses ${JSON.stringify(losses)}; the gradient of ${gradient.name} is ${
        digits(gradient.apart)
      } of its length away`
    );
    throw userError(
      new RangeError(
        `Cannot report times: implementations do not compute the same as ${reference.name}, whose losses ${
          LOSSES.join(", ")
        } are ${
          JSON.stringify(reference.losses)
        }; allowed are ${TOLERANCES.float32} of a loss, ${GRADIENT_TOLERANCE} of a gradient\n${
          lines.join("\n")
        }`,
      ),
    );
  }
  return Object.fromEntries(apart.map(({ name, loss, gradient }) => [name, {
    losses: digits(loss.largest),
    gradients: digits(gradient.apart),
  }]));
}
