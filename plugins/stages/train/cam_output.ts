import { camOutput } from "seamstress/wsss";

/**
 * Finds the head output that a training's CAMs come from.
 *
 * @param wanted `output`, where the recipe names one
 * @param outputs of the head
 * @returns none where it has none such
 */
export function foundCamOutput(
  { output }: { readonly output?: string | undefined },
  outputs: readonly string[],
): string | undefined {
  const name = camOutput(outputs, output);
  return outputs.includes(name) ? name : undefined;
}
