import { fromFileUrl } from "../../core/recipe/paths.ts";
import { runDeno } from "../command.ts";
import { leaveOut } from "../leave_out.ts";
import { CHROMIUM } from "./browser.ts";

/** Whether Chromium is here; says that a test is left out where it is not. */
export async function hasChromium(): Promise<boolean> {
  const found = await Deno.stat(CHROMIUM).catch(() => undefined);
  if (!found) leaveOut(`no ${CHROMIUM}: apt-get install chromium`);
  return found !== undefined;
}

/**
 * Runs a program that visits pages in Chromium. The tests have no network: it has this machine's alone.
 *
 * @param name its file, beside this one
 * @param args its arguments
 * @param flags for V8
 */
export function runVisit(name: string, args: readonly string[], flags = "") {
  return runDeno([
    "run",
    ...flags === "" ? [] : [`--v8-flags=${flags}`],
    "--no-prompt",
    "--no-check",
    "--allow-read",
    "--allow-write",
    "--allow-net=127.0.0.1",
    `--allow-run=${CHROMIUM},${Deno.execPath()}`,
    "--config=deno.json",
    fromFileUrl(new URL(name, import.meta.url).href),
    ...args,
  ]);
}
