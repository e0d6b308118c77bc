import { assert, assertEquals, assertRejects } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { a, b, scene } from "./counting_stages.ts";
import type { Selection } from "../../../core/run/stages/selection.ts";

const c = { id: "c", run: "count", value: 4, from: ["b"] };
const d = { id: "d", run: "count", value: 8 };

Deno.test("runStages does a stage again with --from, and what depends on it, and leaves the rest", async () => {
  await scene(async (run, { runs, folder, events }) => {
    const stages = [a, b, c, d];
    await run(stages);
    runs.length = 0;
    events.length = 0;
    assertEquals(
      await run(stages, { from: "b" }),
      new Map([["a", 1], ["b", 3], ["c", 7], ["d", 8]]),
    );
    assertEquals(runs, ["b", "c"]);
    assertEquals(events.filter((event) => event.endsWith("skipped")), ["a skipped", "d skipped"]);
    const kept = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assertEquals(kept, ["a", "b", "b.superseded-1", "c", "c.superseded-1", "d"]);
  });
});

Deno.test("runStages stops after --until, and a later run goes on from there", async () => {
  await scene(async (run, { runs, events }) => {
    assertEquals(await run([a, b, c], { until: "b" }), new Map([["a", 1], ["b", 3]]));
    assertEquals(events.at(-1), "c left out");
    await run([a, b, c]);
    assertEquals(runs, ["a", "b", "c"]);
  });
});

Deno.test("runStages runs --only what is named, and refuses before any work what reads an unfinished stage", async () => {
  await scene(async (run, { runs, folder }) => {
    await run([a, b, c, d], { only: ["a", "d"] });
    assertEquals(runs, ["a", "d"]);
    const error = await assertRejects(() => run([a, b, c, d], { only: ["c"] }), RangeError);
    assert(isUserError(error));
    for (const text of ["stage c", "reads stage b", "not finished", "--only c"]) {
      assert(error.message.includes(text), error.message);
    }
    await assertRejects(
      () => run([{ ...a, value: 5 }, b, c, d], { from: "b" }),
      RangeError,
      "changed since it finished and which --from b leaves out",
    );
    assertEquals(runs, ["a", "d"]);
    const kept = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assertEquals(kept, ["a", "d"], "nothing was set aside");
  });
});

Deno.test("runStages names stages that a selection has wrong", async () => {
  await scene(async (run) => {
    const wrong: [Selection, string][] = [
      [{ from: "aa" }, 'did you mean "a"'],
      [{ only: ["a", "x"] }, "stages: a, b, c"],
      [{ from: "c", until: "a" }, "a comes before c"],
      [{ only: ["a"], until: "b" }, "--only"],
      [
        { only: ["a", ""] },
        "--only a,: a stage is missing before or after a comma; stages: a, b, c",
      ],
      [{ only: [""] }, "Cannot run --only without a stage; stages: a, b, c"],
      [{ from: "" }, "Cannot run --from without a stage; stages: a, b, c"],
      [{ until: "" }, "Cannot run --until without a stage; stages: a, b, c"],
    ];
    for (const [selection, text] of wrong) {
      const error = await assertRejects(() => run([a, b, c], selection), RangeError, text);
      assert(isUserError(error));
    }
  });
});
