import { assert } from "@std/assert";
import { SHAPE_RULES } from "../../../core/estimate/shape_rules.ts";
import * as kernels from "../../../core/ops/own_kernels.ts";

Deno.test("every kernel of ours has a shape rule", () => {
  const names = Object.values(kernels).filter((name) => typeof name === "string");
  assert(names.length > 15);
  for (const name of names) assert(SHAPE_RULES.has(name), name);
});
