import { assertEquals } from "@std/assert";
import type * as z from "zod";
import type { recipeSchema } from "../../../core/recipe/schema.ts";
import { defineRecipe } from "../../../plugins/mod.ts";
import type { RecipeInput } from "../../../plugins/recipe_files/define.ts";

/** Whether two types are one: neither has a member that the other lacks, or has otherwise. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true
  : false;
/** Whether the members of A, one by one, are those of B. */
type SameMembers<A, B> = Same<{ [key in keyof A]: A[key] }, { [key in keyof B]: B[key] }>;

const stage = {
  id: "train",
  run: "train",
  split: "train",
  backbone: "tiny",
  head: "cam",
  method: "classification-cam",
  optimizer: { use: "sgd", lr: 0.1 },
  batch: { size: 8 },
  epochs: 1,
  transforms: ["flip", { use: "normalize", mean: [0.5, 0.5, 0.5] }],
} as const;

Deno.test("defineRecipe accepts what the plugins' schemas accept, and gives it back", () => {
  const recipe = defineRecipe({
    name: "typed",
    dataset: { use: "mini", size: 32 },
    stages: [{
      ...stage,
      losses: ["classification", { use: "ecr", ohem: 0.3, weight: 2, start: 10 }],
    }],
  });
  assertEquals(recipe.name, "typed");
});

Deno.test("defineRecipe rejects wrong names, options and types at compile time", () => {
  // @ts-expect-error -- there is no such data set
  defineRecipe({ name: "a", dataset: { use: "minni" }, stages: [] });
  // @ts-expect-error -- the option is misspelt
  defineRecipe({ name: "a", dataset: { use: "mini", sise: 32 }, stages: [] });
  defineRecipe({
    name: "a",
    dataset: "mini",
    // @ts-expect-error -- ohem is a fraction or false
    stages: [{ ...stage, losses: [{ use: "ecr", ohem: "hard" }] }],
  });
  // @ts-expect-error -- a training without losses
  defineRecipe({ name: "a", dataset: "mini", stages: [stage] });
});

Deno.test("what a recipe takes is written out as core's schema has it; the compiler compares the two", () => {
  const same: SameMembers<RecipeInput, z.input<typeof recipeSchema>> = true;
  const other: SameMembers<RecipeInput, Omit<z.input<typeof recipeSchema>, "seed">> = false;
  const stricter: SameMembers<
    RecipeInput,
    Omit<z.input<typeof recipeSchema>, "seed"> & { seed: number }
  > = false;
  assertEquals([same, other, stricter], [true, false, false]);
});
