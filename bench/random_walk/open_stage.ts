import type { Dataset, Registry, Use } from "seamstress";

/**
 * Opens what a finished stage left, and the data set that it is of.
 *
 * @param stage its folder
 * @param kind reads what is stated of it
 * @param split of the data set
 * @param registry that makes the data set
 * @returns what is stated, and the images of the split
 * @throws where the stage is not there, or left something else
 */
export async function openStage<I extends { dataset: Use<"dataset">; base: string }>(
  stage: string,
  kind: { readonly info: { parse(info: unknown): I } },
  split: string,
  registry: Registry,
): Promise<{ readonly info: I; readonly dataset: Dataset }> {
  const marker = JSON.parse(await Deno.readTextFile(`${stage}/stage.json`));
  const info = kind.info.parse(marker.artifact.info);
  const dataset = await registry.create("dataset", info.dataset, { split, base: info.base });
  return { info, dataset };
}
