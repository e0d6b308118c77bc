import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "../../core/recipe/paths.ts";
import { inTempFolder, runDeno } from "../command.ts";
import { copyFolder } from "../folders.ts";
import { loggedSteps } from "../logged.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** A command in a copy of the template that lies beside a clone of this project. */
type InCopy = (...args: string[]) => Promise<{ code: number; said: string }>;

/** Copies docs/template out of the tree, as its README says. */
async function inCopy(fn: (deno: InCopy, folder: string) => Promise<void>): Promise<void> {
  await inTempFolder(async (parent) => {
    const folder = `${parent}/coverage`;
    await copyFolder(`${ROOT}/docs/template`, folder);
    await Deno.symlink(ROOT, `${parent}/seamstress`);
    await fn(async (...args) => {
      const { code, out, err } = await runDeno(args, { cwd: folder });
      return { code, said: out + err };
    }, folder);
  });
}

Deno.test("the template's own tasks pass outside of the tree: format, lint, types, tests, a training", async () => {
  await inCopy(async (deno, folder) => {
    const ok = await deno("task", "ok");
    assertEquals(ok.code, 0, ok.said);
    assertStringIncludes(ok.said, "6 passed | 0 failed");

    const few = ["train.maxSteps=3", "train.losses.coverage.start=1", "cams.split=train[0:4]"];
    const train = await deno("task", "train", ...few.flatMap((set) => ["--set", set]));
    assertEquals(train.code, 0, train.said);
    const steps = await loggedSteps(`${folder}/runs/coverage`);
    assertEquals(steps.map(({ losses }) => losses.coverage >= 0), [false, true, true]);
    assert((await Deno.stat(`${folder}/runs/coverage/report.html`)).isFile);

    const listed = await deno(
      ...["task", "seamstress", "plugins", "loss", "coverage", "--with", "coverage.ts"],
    );
    assertMatch(listed.said, /most +number, default 0\.5/);
  });
});

Deno.test("the template can be published: no slow types, every file is found", async () => {
  await inCopy(async (deno) => {
    const { code, said } = await deno("publish", "--dry-run", "--allow-dirty");
    assertEquals(code, 0, said);
    assertStringIncludes(said, "Simulating publish of @me/coverage@0.1.0");
  });
});

Deno.test("the template's tests fail where its loss is a sum over samples", async () => {
  await inCopy(async (deno, folder) => {
    const path = `${folder}/coverage.ts`, code = await Deno.readTextFile(path);
    const planted = code.replace(
      "return tf.mean(tf.div(tf.sum(costs",
      "return tf.sum(tf.div(tf.sum(costs",
    );
    assert(planted !== code);
    await Deno.writeTextFile(path, planted);
    const failed = await deno("task", "test", "--no-check", "--filter", "micro-batches");
    assertEquals(failed.code, 1);
    assertStringIncludes(failed.said, "loss coverage in step 1 is another in micro-batches of 1");
  });
});
