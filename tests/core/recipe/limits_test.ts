import { assertEquals, assertRejects } from "@std/assert";
import * as z from "zod";
import type { Limits } from "../../../core/recipe/limits.ts";
import { definePlugin } from "../../../core/registry/plugin.ts";
import { loadRecipe } from "../../../plugins/recipe_files/load.ts";
import { SampleSource } from "../../../plugins/wsss/loading/sample_source.ts";
import { plugins } from "../../../plugins/mod.ts";

const load = (set: readonly string[] = []) =>
  loadRecipe("recipes/mini/export.yaml", {
    plugins,
    set,
    environment: () => undefined,
    cwd: Deno.cwd(),
  });

Deno.test("a recipe's limits are what its plugins are given, with Pillow's bound where it names none", async () => {
  const { registry } = await load();
  assertEquals(registry.limits, { pixels: 178_956_970, nodes: 100_000 });
  const raised = await load(["limits.pixels=400000000"]);
  assertEquals(raised.registry.limits, { pixels: 400_000_000, nodes: 100_000 });
});

Deno.test("a limit that is no number of pixels is refused", async () => {
  await assertRejects(() => load(["limits.pixels=0"]), TypeError, "limits.pixels: found 0");
  await assertRejects(() => load(["limits.pixel=9"]), TypeError, 'did you mean "pixels"?');
});

/** Gives away what limits its data set was made with. */
export const telling = definePlugin({
  kind: "dataset",
  name: "telling",
  summary: "",
  options: z.strictObject({}),
  create: (_options, _args, { limits }) => ({
    classes: [JSON.stringify(limits)],
    length: 0,
    name: () => "",
    label: () => new Float32Array(1),
    read: () => Promise.reject(new Error("It has no samples")),
    check: () => Promise.resolve(),
    fingerprint: () => Promise.resolve(""),
  }),
});

Deno.test("a loader's own registry, which a Worker has too, is given the limits of the recipe", async () => {
  const limits: Limits = { pixels: 5, nodes: 6 };
  const source = await SampleSource.open({
    modules: [import.meta.url],
    dataset: { use: "telling" },
    split: "",
    base: "/",
    limits,
    transforms: [],
    normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
    seed: 1,
    stage: "a",
  });
  assertEquals(JSON.parse(source.dataset.classes[0]!), limits);
});
