import { assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { gaussianKernel } from "../../../../plugins/refinement/crf/kernel.ts";

const image = (width: number, height: number) => ({
  width,
  height,
  channels: 3,
  data: new Uint8Array(3 * width * height),
});

Deno.test("images of a size share the smoothness kernel; other sizes and options have their own", () => {
  const options = { sxy: 3, compat: 3 };
  const kernel = gaussianKernel(image(9, 5), options);
  assertStrictEquals(gaussianKernel(image(9, 5), options), kernel);
  const first = structuredClone(kernel);
  assertEquals(gaussianKernel(image(9, 5), { sxy: 3, compat: 6 }).factor, 2 * kernel.factor);
  assertNotEquals(gaussianKernel(image(9, 5), { sxy: 2, compat: 3 }).weights, kernel.weights);
  assertEquals(gaussianKernel(image(5, 9), options).weights.length, kernel.weights.length);
  for (let width = 1; width < 9; width++) gaussianKernel(image(width, 2), options);
  assertEquals(gaussianKernel(image(9, 5), options), first, "made anew");
});
