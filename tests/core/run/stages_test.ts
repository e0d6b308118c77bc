import { assert, assertEquals, assertRejects } from "@std/assert";
import * as z from "zod";
import {
  type ArtifactKind,
  defineArtifact,
  finishedArtifact,
  plannedArtifact,
} from "../../../core/contracts/artifact.ts";
import type { BackendInfo } from "../../../core/contracts/backend.ts";
import { joinObservers } from "../../../core/run/observers.ts";
import { isUserError } from "../../../core/errors.ts";
import { definePlugin } from "../../../core/registry/plugin.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { resolveRecipe } from "../../../core/recipe/resolve.ts";
import { runStages } from "../../../core/run/stages.ts";
import { planStages } from "../../../core/run/stages/plan_stages.ts";
import type { Selection } from "../../../core/run/stages/selection.ts";
import { toyPlugins } from "../toy_plugins.ts";

const backend: BackendInfo = {
  name: "cpu",
  device: "toy",
  software: false,
  maxTensorBytes: Infinity,
  check: () => Promise.resolve(),
  purge: () => {},
};

/** A kind of artifact that holds a sum. */
const kind = (name: string): ArtifactKind<string, { readonly sum: number }> =>
  defineArtifact({ name, info: z.object({ sum: z.int() }) });

/** A stage that counts its runs, reads from others and may fail half way. */
function countingStage(runs: string[], failing: { now: boolean }) {
  return definePlugin({
    kind: "stage",
    name: "count",
    summary: "counts",
    options: z.strictObject({
      from: z.array(z.string()).default([]),
      reads: z.string().default("counted"),
      value: z.number().default(0),
      workers: z.number().default(1),
      data: z.string().default("data-1"),
      says: z.string().default("counted"),
    }),
    create: ({ from, reads, value, data, says }) => ({
      from,
      resumeIgnores: ["workers"],
      check: () => Promise.resolve([data]),
      gives: () => plannedArtifact(kind(says), {}),
      run: async (context) => {
        const sum = from.reduce(
          (s, id) => s + context.artifact(id, kind(reads)).info.sum,
          value,
        );
        await Deno.writeTextFile(`${context.folder}/half.txt`, "half done");
        if (failing.now) throw new Error("killed");
        runs.push(context.id);
        return finishedArtifact(kind("counted"), { sum });
      },
    }),
  });
}

async function scene(
  fn: (run: (stages: unknown[], selection?: Selection) => Promise<Map<string, unknown>>, state: {
    runs: string[];
    failing: { now: boolean };
    folder: string;
    events: string[];
  }) => Promise<void>,
) {
  const folder = await Deno.makeTempDir();
  const state = { runs: [] as string[], failing: { now: false }, folder, events: [] as string[] };
  const registry = new Registry([...toyPlugins, countingStage(state.runs, state.failing)]);
  const observers = joinObservers([{
    stage: (event) => void state.events.push(`${event.stage} ${event.state}`),
  }]);
  const run = async (stages: unknown[], selection: Selection = {}) => {
    const written = {
      name: "x",
      backend: "cpu",
      dataset: { use: "toy", root: "/d" },
      observers: [],
      stages,
    };
    const recipe = resolveRecipe(
      written,
      registry,
      { base: "/", cwd: "/", overridden: [] },
      "test",
    );
    const planned = await planStages(recipe, registry, "/", { backend: "cpu" });
    const artifacts = await runStages(planned, {
      recipe,
      registry,
      base: "/",
      folder,
      backend,
      workerModules: [],
      observers,
      selection,
    });
    return new Map([...artifacts].map(([id, artifact]) => [id, artifact.info["sum"]]));
  };
  try {
    await fn(run, state);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const a = { id: "a", run: "count", value: 1 };
const b = { id: "b", run: "count", value: 2, from: ["a"] };

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
