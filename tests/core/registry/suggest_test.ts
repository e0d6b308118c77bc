import { assertEquals } from "@std/assert";
import { didYouMean, nearest } from "../../../core/registry/suggest.ts";

Deno.test("nearest() counts a swap of neighbours as one edit", () => {
  // Plain Levenshtein would count 2 and refuse: a 4-letter name allows 1.
  assertEquals(nearest("adma", ["adam", "sgd"]), "adam");
});

Deno.test("nearest() prefers the closest, and the first of equals", () => {
  assertEquals(nearest("fc8.weigth", ["fc8.bias", "fc9.weight", "fc8.weight"]), "fc8.weight");
  assertEquals(nearest("er", ["ecr", "era"]), "ecr");
});

Deno.test("nearest() ignores case", () => {
  assertEquals(nearest("SGD", ["adam", "sgd"]), "sgd");
});

Deno.test("nearest() finds nothing where everything is far or nothing is valid", () => {
  assertEquals(nearest("momentum", ["lr", "schedule"]), undefined);
  assertEquals(nearest("momentum", []), undefined);
  assertEquals(nearest("", ["schedule"]), undefined);
});

Deno.test("didYouMean() gives a tail for a message, or nothing", () => {
  assertEquals(didYouMean("resnet83", ["resnet38", "tiny"]), ' (did you mean "resnet38"?)');
  assertEquals(didYouMean("vgg16", ["resnet38", "tiny"]), "");
});
