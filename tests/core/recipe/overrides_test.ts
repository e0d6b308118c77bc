import { assertEquals, assertThrows } from "@std/assert";
import { applyOverrides } from "../../../core/recipe/overrides.ts";

const RECIPE = {
  stages: [{
    id: "train",
    losses: ["classification", { use: "ppc", as: "within", weight: 1 }, {
      use: "ppc",
      as: "across",
      weight: 1,
    }, { use: "er", as: "ppc2", weight: 1 }],
  }],
};

function losses(...settings: readonly string[]) {
  return (applyOverrides(RECIPE, settings).value as typeof RECIPE).stages[0]!.losses;
}

Deno.test("--set finds one of several elements of one plugin by the name that `as` gives it", () => {
  assertEquals(losses("losses.across.weight=3", "train.losses.within.weight=2").slice(1, 3), [
    { use: "ppc", as: "within", weight: 2 },
    { use: "ppc", as: "across", weight: 3 },
  ]);
});

Deno.test("--set finds the first element of a plugin by the plugin's name, and a bare one", () => {
  assertEquals(
    losses("losses.ppc.weight=4", "losses.er.weight=5", "losses.classification.view=0"),
    [
      { use: "classification", view: 0 } as unknown as string,
      { use: "ppc", as: "within", weight: 4 },
      { use: "ppc", as: "across", weight: 1 },
      { use: "er", as: "ppc2", weight: 5 },
    ],
  );
});

Deno.test("--set lists elements by their names where none fits", () => {
  assertThrows(
    () => losses("losses.between.weight=1"),
    RangeError,
    'is a list without "between"; it has [0] classification, [1] within, [2] across, [3] ppc2',
  );
});
