import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { isUserError, userError, withAction } from "../../../core/errors.ts";
import { fileFault } from "../../../core/run/file_fault.ts";

async function thrownBy(fn: () => Promise<unknown>): Promise<unknown> {
  try {
    await fn();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

function messageOf(error: unknown): string {
  assertInstanceOf(error, Error);
  assert(isUserError(error), error.message);
  return error.message;
}

Deno.test("fileFault() gives what the system says of a file as a user error, with what was done before it", async () => {
  const below = await thrownBy(() => Array.fromAsync(Deno.readDir(import.meta.filename!)));
  assertEquals(
    messageOf(fileFault(below)),
    `Cannot list '${import.meta.filename}': Not a directory`,
  );
  const folder = await thrownBy(() => Deno.readFile("/tmp"));
  assertEquals(
    messageOf(fileFault(withAction("Cannot refine x", folder))),
    "Cannot refine x: Cannot read '/tmp': Is a directory",
  );
});

Deno.test("fileFault() leaves every other error as it is", async () => {
  const path = await Deno.makeTempFile();
  const closed = await Deno.open(path);
  closed.close();
  await Deno.remove(path);
  const misused = await thrownBy(() => closed.read(new Uint8Array(1)));
  const ours = userError(new Error("ours", { cause: new Deno.errors.NotFound("x") }));
  for (const error of [misused, ours, new TypeError("x"), "text", undefined]) {
    assertStrictEquals(fileFault(error), error);
  }
});
