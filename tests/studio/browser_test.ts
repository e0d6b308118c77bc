import { assertEquals } from "@std/assert";
import { fromFileUrl } from "../../core/recipe/paths.ts";
import { copyFolder } from "../folders.ts";
import { leaveOut } from "../leave_out.ts";
import { withStudio } from "../plugins/studio/studio_run.ts";
import { CHROMIUM } from "./browser.ts";

const VISIT = fromFileUrl(new URL("visit.ts", import.meta.url).href);
const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url).href);

/** A name that would run a script if it were taken for markup. */
const NAME = "<img src=x onerror='globalThis.injected = 1'>";

async function visit(runs: string): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    // The tests have no network: what visits the pages has this machine's alone.
    args: [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write",
      "--allow-net=127.0.0.1",
      `--allow-run=${CHROMIUM},${Deno.execPath()}`,
      `--config=${CONFIG}`,
      VISIT,
      runs,
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("in Chromium: pages without faults, wide and narrow, light and dark; keyboard; a live run; an export", async () => {
  if (!await Deno.stat(CHROMIUM).catch(() => undefined)) {
    return leaveOut(`no ${CHROMIUM}: apt-get install chromium`);
  }
  await withStudio(async (_get, runs) => {
    await copyFolder(`${runs}/fake`, `${runs}/other`);
    await copyFolder(`${runs}/fake`, `${runs}/${NAME}`);
    const { code, out, err } = await visit(runs);
    assertEquals({ code, err }, { code: 0, err: "" });
    const steps = out.trim().split("\n").map((line) => line.split(" ")[0]);
    assertEquals(steps, [...Array(8).fill("page"), "keyboard", "live", "export"]);
  }, NAME);
});
