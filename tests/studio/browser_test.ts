import { assertEquals } from "@std/assert";
import { copyFolder } from "../folders.ts";
import { withStudio } from "../plugins/studio/studio_run.ts";
import { hasChromium, runVisit } from "./run_visit.ts";

/** A name that would run a script if it were taken for markup. */
const NAME = "<img src=x onerror='globalThis.injected = 1'>";

Deno.test("in Chromium: pages without faults, wide and narrow, light and dark; keyboard; a live run; an export", async () => {
  if (!await hasChromium()) return;
  await withStudio(async (_get, runs) => {
    await copyFolder(`${runs}/fake`, `${runs}/other`);
    await copyFolder(`${runs}/fake`, `${runs}/${NAME}`);
    const { code, out, err } = await runVisit("visit.ts", [runs]);
    assertEquals({ code, err }, { code: 0, err: "" });
    const steps = out.trim().split("\n").map((line) => line.split(" ")[0]);
    assertEquals(steps, [...Array(8).fill("page"), "keyboard", "live", "export"]);
  }, NAME);
});
