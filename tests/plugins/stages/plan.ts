import type { ArtifactKind, EarlierArtifact } from "../../../core/contracts/artifact.ts";
import type { StagePlan } from "../../../core/contracts/stage.ts";
import type { Use } from "../../../core/registry/plugin.ts";
import type { Registry } from "../../../core/registry/registry.ts";

/**
 * The plan of a stage, for estimates without a run.
 *
 * @param id the stage's
 * @param options plugins, data set, folder, and the recipe's earlier stages by id
 */
export function planOf(
  id: string,
  options: {
    readonly registry: Registry;
    readonly dataset: Use<"dataset">;
    readonly base: string;
    readonly stages: Readonly<Record<string, Record<string, unknown>>>;
  },
): StagePlan {
  const { registry, dataset, base, stages } = options;
  return {
    id,
    base,
    dataset,
    factory: registry,
    async earlier<T extends readonly ArtifactKind[]>(from: string, ...kinds: T) {
      const stage = await registry.create(
        "stage",
        stages[from] as unknown as Use<"stage">,
        undefined,
      );
      const { kind: { name }, facts } = await stage.gives(planOf(from, options));
      if (!kinds.some((kind) => kind.name === name)) throw new TypeError(`${from} gives ${name}`);
      return { kind: name, facts } as unknown as EarlierArtifact<T[number]>;
    },
  };
}
