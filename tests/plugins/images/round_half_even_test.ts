import { assertEquals } from "@std/assert";
import { roundHalfEven } from "../../../plugins/images/round_half_even.ts";

Deno.test("roundHalfEven() equals Python's round, halves and negatives too", () => {
  const values = [0, 0.49, 0.5, 1.5, 2.5, 335.5, 336.5, -0.5, -1.5, -2.5, -2.51, 1e9 + 0.5];
  const python = [0, 0, 0, 2, 2, 336, 336, 0, -2, -2, -3, 1e9];
  // Adding 0 makes -0 a 0, which the sizes of images do not tell apart.
  assertEquals(values.map((value) => roundHalfEven(value) + 0), python);
});
