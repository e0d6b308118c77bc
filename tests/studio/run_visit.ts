import { fromFileUrl } from "../../core/recipe/paths.ts";
import { leaveOut } from "../leave_out.ts";
import { CHROMIUM } from "./browser.ts";

/** Whether Chromium is here; says that a test is left out where it is not. */
export async function hasChromium(): Promise<boolean> {
  const found = await Deno.stat(CHROMIUM).catch(() => undefined);
  if (!found) leaveOut(`no ${CHROMIUM}: apt-get install chromium`);
  return found !== undefined;
}

/** How a program that visits pages ended, and what it said. */
export interface Visit {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs a program that visits pages in Chromium. The tests have no network: it has this machine's alone.
 *
 * @param name its file, beside this one
 * @param args its arguments
 * @param flags for V8
 */
export async function runVisit(
  name: string,
  args: readonly string[],
  flags = "",
): Promise<Visit> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      ...flags === "" ? [] : [`--v8-flags=${flags}`],
      "--no-prompt",
      "--no-check",
      "--allow-read",
      "--allow-write",
      "--allow-net=127.0.0.1",
      `--allow-run=${CHROMIUM},${Deno.execPath()}`,
      `--config=${fromFileUrl(new URL("../../deno.json", import.meta.url).href)}`,
      fromFileUrl(new URL(name, import.meta.url).href),
      ...args,
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}
