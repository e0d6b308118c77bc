import { assert } from "@std/assert";
import { matchesAny } from "../../../../plugins/wsss/parameters/glob.ts";

Deno.test("matchesAny() matches whole names, with * for any text, dots and none included", () => {
  assert(matchesAny("fc8.weight", ["fc8.*"]));
  assert(matchesAny("b4_1.bn_branch2a.running_mean", ["*running_*"]));
  assert(matchesAny("fc8", ["fc8*"]));
  assert(matchesAny("fc8", ["fc8"]));
  assert(!matchesAny("xfc8.weight", ["fc8.*"]));
  assert(!matchesAny("fc8.weight", ["fc8"]));
});

Deno.test("matchesAny() takes every other character literally", () => {
  assert(!matchesAny("fc8xweight", ["fc8.weight"]));
  assert(matchesAny("a+b(c)[d]", ["a+b(c)[*]"]));
});

Deno.test("matchesAny() matches nothing without patterns", () => {
  assert(!matchesAny("fc8.weight", []));
});
