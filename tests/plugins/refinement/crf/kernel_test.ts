import { assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { KernelBuilder } from "../../../../plugins/refinement/crf/kernel.ts";
import { latticeProgram } from "../../../../plugins/refinement/crf/wasm/lattice_program.ts";

const image = (width: number, height: number) => ({
  width,
  height,
  channels: 3,
  data: new Uint8Array(3 * width * height),
});

Deno.test("images of a size share the smoothness kernel; other sizes and options have their own", () => {
  const options = { sxy: 3, compat: 3 }, builder = new KernelBuilder(latticeProgram);
  const kernel = builder.gaussian(image(9, 5), options);
  assertStrictEquals(builder.gaussian(image(9, 5), options), kernel);
  const first = structuredClone(kernel);
  assertEquals(builder.gaussian(image(9, 5), { sxy: 3, compat: 6 }).factor, 2 * kernel.factor);
  assertNotEquals(builder.gaussian(image(9, 5), { sxy: 2, compat: 3 }).weights, kernel.weights);
  assertEquals(builder.gaussian(image(5, 9), options).weights.length, kernel.weights.length);
  for (let width = 1; width < 9; width++) builder.gaussian(image(width, 2), options);
  assertEquals(builder.gaussian(image(9, 5), options), first, "made anew");
});
