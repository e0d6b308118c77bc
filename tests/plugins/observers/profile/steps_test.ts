import { assert, assertEquals, assertThrows } from "@std/assert";
import { isUserError } from "../../../../core/errors.ts";
import { DEFAULT_STEPS, parseSteps } from "../../../../plugins/observers/profile/steps.ts";

Deno.test("steps to profile are a number or a range of at most a hundred", () => {
  assertEquals(parseSteps("2-6"), DEFAULT_STEPS);
  assertEquals(parseSteps("7"), { from: 7, to: 7 });
  assertEquals(parseSteps("1-100"), { from: 1, to: 100 });
  for (const text of ["6-2", "0", "0-3", "first", "1-101", "-3", "2-", "1.5", ""]) {
    const error = assertThrows(
      () => parseSteps(text),
      RangeError,
      `Cannot profile steps "${text}"`,
    );
    assert(isUserError(error));
  }
});
