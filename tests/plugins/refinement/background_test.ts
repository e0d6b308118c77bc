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
