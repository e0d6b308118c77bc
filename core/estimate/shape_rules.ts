import { OWN_SHAPE_RULES } from "./own_shape_rules.ts";
import type { ShapeRule } from "./shape_rule.ts";
import { TFJS_SHAPE_RULES } from "./tfjs_shape_rules.ts";

/** Kernels whose output is their input's data under another shape. */
export const ALIASES: ReadonlySet<string> = new Set(["Identity", "Reshape", "ExpandDims"]);

/** Output shapes of tfjs's kernels and ours. */
export const SHAPE_RULES: ReadonlyMap<string, ShapeRule> = new Map([
  ...TFJS_SHAPE_RULES,
  ...OWN_SHAPE_RULES,
]);
