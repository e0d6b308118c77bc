import { assert, assertEquals, assertRejects } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { a, b, scene } from "./counting_stages.ts";

Deno.test("runStages hands artifacts on and skips what is finished and unchanged", async () => {
  await scene(async (run, { runs, events }) => {
    assertEquals(await run([a, b]), new Map([["a", 1], ["b", 3]]));
    assertEquals(await run([a, b]), new Map([["a", 1], ["b", 3]]));
    assertEquals(runs, ["a", "b"]);
    assertEquals(events.slice(-2), ["a skipped", "b skipped"]);
  });
});

Deno.test("runStages redoes a stage and those after it when its options or data change, and keeps the old", async () => {
  await scene(async (run, { runs, folder }) => {
    await run([a, b]);
    await run([a, { ...b, value: 5 }]);
    assertEquals(runs, ["a", "b", "b"]);
    await run([{ ...a, data: "data-2" }, { ...b, value: 5 }]);
    assertEquals(runs, ["a", "b", "b", "a", "b"]);
    const kept = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assertEquals(kept, ["a", "a.superseded-1", "b", "b.superseded-1", "b.superseded-2"]);
  });
});

Deno.test("runStages redoes what read a stage that was made again, though nothing else changed", async () => {
  await scene(async (run, { runs, folder, events }) => {
    await run([a, b]);
    await Deno.remove(`${folder}/a`, { recursive: true });
    await run([a, b]);
    assertEquals(runs, ["a", "b", "a", "b"]);
    assert(events.includes("b set aside"), events.join());
  });
});

Deno.test("runStages redoes what read a stage that was made again while it was left out", async () => {
  await scene(async (run, { runs, events }) => {
    await run([a, b]);
    await run([a, b], { from: "a", until: "a" });
    assertEquals(events.slice(-2), ["a finished", "b left out"]);
    assertEquals(await run([a, b]), new Map([["a", 1], ["b", 3]]));
    assertEquals(runs, ["a", "b", "a", "b"], "b read the first execution of a");
  });
});

Deno.test("runStages goes on where only options changed that the stage ignores on resume", async () => {
  await scene(async (run, { runs }) => {
    await run([a, b]);
    await run([{ ...a, workers: 3 }, b]);
    assertEquals(runs, ["a", "b"]);
  });
});

Deno.test("runStages continues in the folder of a stage that was cut off", async () => {
  await scene(async (run, { runs, failing, folder }) => {
    failing.now = true;
    await assertRejects(() => run([a, b]), Error, "killed");
    failing.now = false;
    assertEquals(Deno.readTextFileSync(`${folder}/a/half.txt`), "half done");
    assertEquals(await run([a, b]), new Map([["a", 1], ["b", 3]]));
    assertEquals(runs, ["a", "b"]);
  });
});

Deno.test("runStages sets aside files of which no marker says what they were made of", async () => {
  for (const marker of ['{"fing', "null", "[]", undefined]) {
    await scene(async (run, { folder, events }) => {
      await run([a]);
      const path = `${folder}/a/stage.json`;
      if (marker === undefined) await Deno.remove(path);
      else await Deno.writeTextFile(path, marker);
      await run([a]);
      assertEquals(events.slice(-3), ["a set aside", "a begin", "a finished"], marker);
      assertEquals(
        await Deno.readTextFile(`${folder}/a.superseded-1/half.txt`),
        "half done",
      );
    });
  }
});

Deno.test("runStages takes a folder without files for a stage that did not begin", async () => {
  await scene(async (run, { folder, events }) => {
    await Deno.mkdir(`${folder}/a`);
    await run([a]);
    assertEquals(events, ["a begin", "a finished"]);
  });
});

Deno.test("planStages names an earlier stage that does not exist", async () => {
  await scene(async (run) => {
    const error = await assertRejects(
      () => run([a, { ...b, from: ["aa"] }]),
      RangeError,
      'no earlier stage "aa"',
    );
    assert(isUserError(error));
    assert(error.message.includes('did you mean "a"'), error.message);
  });
});

Deno.test("runStages says so where a stage gives another kind of artifact than the next reads", async () => {
  await scene(async (run) => {
    await assertRejects(
      () => run([a, { ...b, reads: "cams" }]),
      TypeError,
      'reads cams from stage "a", which gives counted',
    );
  });
});

Deno.test("a stage may not leave another kind than it said, nor tell what its kind cannot be", async () => {
  await scene(async (run, { runs, folder }) => {
    await assertRejects(
      () => run([{ ...a, says: "masks" }]),
      TypeError,
      "Stage a (count) left counted, and said masks",
    );
    await assertRejects(
      () => run([{ ...a, value: 0.5 }]),
      TypeError,
      "Stage a (count) told what no counted can be: sum: ",
    );
    const marker = JSON.parse(await Deno.readTextFile(`${folder}/a/stage.json`));
    assertEquals(marker.artifact, undefined, "it would pass for finished");
    assertEquals(runs, ["a", "a"]);
  });
});

Deno.test("what a finished stage's stage.json says is checked when it is read, and named with what to do", async () => {
  await scene(async (run, { runs, folder }) => {
    await run([a]);
    const path = `${folder}/a/stage.json`;
    // An earlier version's: without a hash of itself.
    const { sha256: _, files: __, ...marker } = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(
      path,
      JSON.stringify({ ...marker, artifact: { kind: "counted", info: {} } }),
    );
    const error = await assertRejects(
      () => run([a, b]),
      TypeError,
      `Cannot read the counted of stage a: ${path} was damaged, or an earlier version wrote it (sum: `,
    );
    assert(isUserError(error), "a trace would be printed");
    assert(error.message.endsWith("run it again with --from a"), error.message);
    await run([a, b], { from: "a" });
    assertEquals(runs, ["a", "a", "b"]);
  });
});
