import { assert, assertStringIncludes } from "@std/assert";
import { inTempFolder } from "../../command.ts";
import { failureOf, TRAINING } from "./setup.ts";

/** Has rank 1 fail where it has added up its share of the second step's first numbers, while rank 0 waits for it without its event loop. */
const DYING = `
import { definePlugin } from "seamstress";
import * as z from "zod";
if (globalThis.name === "rank 1") {
  const add = Atomics.add;
  let calls = 0;
  Atomics.add = (...args) => {
    if (++calls === 4) throw new RangeError("Array buffer allocation failed");
    return add(...args);
  };
}
export const nothing = definePlugin({
  kind: "transform", name: "nothing", summary: "", options: z.strictObject({}),
  create: () => ({ apply: (sample) => sample }),
});
`;

Deno.test("a thread that dies within a sum ends the run with its error, and soon", async () => {
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/dying.ts`, DYING);
    const began = performance.now();
    const failure = await failureOf(`${folder}/run`, {
      recipe: TRAINING,
      count: 2,
      set: [`plugins=[${folder}/dying.ts]`],
    });
    assertStringIncludes(failure, "Array buffer allocation failed");
    // Without a look at the other it is waited for for a minute.
    const seconds = (performance.now() - began) / 1000;
    assert(seconds < 50, `it took ${seconds} s`);
  });
});
