import { assert } from "@std/assert";
import { SHAPE_RULES } from "../../../core/estimate/shape_rules.ts";
import * as kernels from "../../../plugins/ops/own_kernels.ts";

/** What writes where it reads makes none: the trace knows it by name. */
const IN_PLACE: readonly string[] = [kernels.SGD_UPDATE];

Deno.test("every kernel of ours that makes tensors has a shape rule", () => {
  const names = Object.values(kernels).filter((name) => typeof name === "string")
    .filter((name) => !IN_PLACE.includes(name));
  assert(names.length > 15);
  for (const name of names) assert(SHAPE_RULES.has(name), name);
});
