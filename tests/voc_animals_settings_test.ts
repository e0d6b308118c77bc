import { assert, assertEquals } from "@std/assert";
import type { RecipeStage } from "../core/recipe/schema.ts";
import { stagesOf } from "./recipe_stages.ts";

/** A stage's settings, but for the stage that masks are from. */
function settings(stage: RecipeStage | undefined): Readonly<Record<string, unknown>> {
  assert(stage);
  const { masks: _, ...rest } = { masks: undefined, ...stage };
  return rest;
}

Deno.test("recipes/voc-animals/upper-bound.yaml learns as the retraining of full.yaml, but for the masks", async () => {
  const [full, bound] = await Promise.all(
    ["full", "upper-bound"].map((name) => stagesOf(`voc-animals/${name}.yaml`)),
  );
  for (const id of ["retrain", "val", "val-score"]) {
    assertEquals(settings(bound!.get(id)), settings(full!.get(id)));
  }
});

Deno.test("recipes/voc-animals/full.yaml trains SEAM as seam.yaml", async () => {
  const [full, seam] = await Promise.all(
    ["full", "seam"].map(async (name) => (await stagesOf(`voc-animals/${name}.yaml`)).get("seam")),
  );
  const { batch, ...rest } = full as unknown as Record<string, unknown>;
  assertEquals(batch, { size: 8, micro: 4 });
  const { batch: _, ...wanted } = seam as unknown as Record<string, unknown>;
  assertEquals(rest, wanted);
});
