import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Scores } from "../../../core/contracts/refinement.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { powerBackgroundRefinement } from "../../../plugins/refinement/power_background.ts";
import { thresholdRefinement } from "../../../plugins/refinement/threshold.ts";
import { halves } from "./crf/setup.ts";

const registry = new Registry([thresholdRefinement, powerBackgroundRefinement]);
const image = halves(3, 1);
const cams: Scores = {
  width: 3,
  height: 1,
  channels: 2,
  data: Float32Array.of(0.1, 0.3, 0, 0.2, 0.9, 0),
};

Deno.test("threshold makes background of pixels where every class is below alpha", async () => {
  const refinement = await registry.create("refinement", { use: "threshold" }, undefined);
  const { channels, data } = await refinement.refine(cams, image);
  assertEquals(channels, 3);
  assertEquals(data, Float32Array.of(0.26, 0.26, 0.26, ...cams.data));
});

Deno.test("power-background weakens the background where any class is strong", async () => {
  const refinement = await registry.create(
    "refinement",
    { use: "power-background", power: 24 },
    undefined,
  );
  const { channels, data } = await refinement.refine(cams, image);
  assertEquals(channels, 3);
  assertAlmostEquals(data[0]!, 0.8 ** 24, 1e-7);
  assertAlmostEquals(data[1]!, 0, 1e-7);
  assertEquals(data[2], 1);
  assertEquals(data.subarray(3), cams.data);
});

Deno.test("without foreground all is background", async () => {
  const none = { ...cams, channels: 0, data: new Float32Array(0) };
  for (const [use, score] of [["threshold", Math.fround(0.26)], ["power-background", 1]] as const) {
    const refinement = await registry.create("refinement", { use }, undefined);
    const { channels, data } = await refinement.refine(none, image);
    assertEquals([channels, [...data]], [1, [score, score, score]]);
  }
});

Deno.test("a class above 1 by rounding leaves no background, not a strange one", async () => {
  const refinement = await registry.create(
    "refinement",
    { use: "power-background", power: 1.5 },
    undefined,
  );
  const data = Float32Array.of(1.0000001, 1, 0);
  const refined = await refinement.refine({ ...cams, channels: 1, data }, image);
  assertEquals([...refined.data.subarray(0, 3)], [0, 0, 1]);
});

Deno.test("power-background by alpha crosses a class at alpha, whatever alpha is", async () => {
  for (const alpha of [0.1, 0.26, 0.4, 0.5, 0.7]) {
    const use = { use: "power-background", alpha };
    const refinement = await registry.create("refinement", use, undefined);
    const data = Float32Array.of(alpha - 0.01, alpha, alpha + 0.01);
    const { data: scores } = await refinement.refine({ ...cams, channels: 1, data }, image);
    const [below, at, above] = scores;
    assertAlmostEquals(at!, alpha, 1e-6);
    assertEquals([below! > data[0]!, above! < data[2]!], [true, true]);
  }
});

Deno.test("power-background has the authors' low power where none is given", async () => {
  const refinement = await registry.create("refinement", { use: "power-background" }, undefined);
  const { data } = await refinement.refine(cams, image);
  assertAlmostEquals(data[0]!, 0.8 ** 4, 1e-7);
});
