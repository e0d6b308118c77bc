import type { CommandOutput } from "../../core/contracts/data_commands.ts";
import { messageOf, userError } from "../../core/errors.ts";
import { resolvePath } from "../../core/recipe/paths.ts";
import { Registry } from "../../core/registry/registry.ts";
import { flags } from "../command_line/flags.ts";
import { exportStudio } from "../studio/export.ts";
import { serveStudio } from "../studio/serve.ts";
import { Studio } from "../studio/studio.ts";
import { needWriteAccess } from "./permissions.ts";
import type { Shipped } from "./shipped.ts";

/** Port where none is given. */
const PORT = "8765";

/** Folder that is shown where none is given. */
const RUNS = "runs";

/** Keeps what takes long to make. The task may write there while it serves, and nowhere else. */
const CACHE = `${RUNS}/.studio`;

/** Images of each split in an export where no number is given. */
const IMAGES = "60";

function wholeNumber(text: string, flag: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw userError(
    new RangeError(`Cannot use --${flag} ${text}: expected a whole number from 0 to ${most}`),
  );
}

function onlyOne(places: readonly string[], what: string): string | undefined {
  if (places.length <= 1) return places[0];
  throw userError(
    new RangeError(
      `Cannot ${what} ${places.join(" and ")}: give one folder; it may hold many runs`,
    ),
  );
}

/** Gives up the right to write, but for the cache's folder; where that does not follow from what the task has, wholly. */
async function giveUpWriting(root: string): Promise<void> {
  // A right is given up with those to folders around it, not with those within.
  for (const path of [RUNS, root]) await Deno.permissions.revoke({ name: "write", path });
  const { state } = await Deno.permissions.query({ name: "write" });
  if (state === "granted") await Deno.permissions.revoke({ name: "write" });
}

/** Ends with SIGINT or SIGTERM, as the run's own stop does. */
function untilStopped(): AbortSignal {
  const ended = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => ended.abort());
  }
  return ended.signal;
}

async function exportCommand(
  args: readonly string[],
  shipped: Shipped,
  out: CommandOutput,
): Promise<number> {
  // The task may answer on this machine's network to show runs, alone.
  await Deno.permissions.revoke({ name: "net" });
  const given = flags(args, { text: ["out", "images"], on: ["weights"] });
  const root = onlyOne(given._, "export");
  if (root === undefined) {
    throw userError(new TypeError("Cannot export: no run folder given; studio export RUN"));
  }
  const folder = given.text("out") ?? `${root.replace(/\/+$/, "")}-studio`;
  await exportStudio({
    root,
    out: folder,
    images: wholeNumber(given.text("images") ?? IMAGES, "images", 1_000_000),
    weights: given.on("weights"),
    cache: CACHE,
    factory: new Registry(shipped.plugins),
    signal: new AbortController().signal,
    beforeWriting: () =>
      needWriteAccess(resolvePath(Deno.cwd(), folder), { command: "studio export RUN" }),
    note: out.note,
  });
  out.print(`${folder}/index.html (for a web server: browsers load no modules from files)`);
  return 0;
}

/**
 * Shows run folders in the browser, or writes what it shows as a folder.
 *
 * @param args what stands behind `studio`: the folder of runs and `--port`; or `export RUN`, `--out`, `--images` and `--weights`
 * @param shipped the plugins that ship
 * @param out where to write
 * @returns the exit code, once it is stopped
 */
export async function studioCommand(
  args: readonly string[],
  shipped: Shipped,
  out: CommandOutput,
): Promise<number> {
  if (args[0] === "export") return await exportCommand(args.slice(1), shipped, out);
  const given = flags(args, { text: ["port"] });
  const root = onlyOne(given._, "show") ?? RUNS;
  // The task may write runs for `export` alone.
  await giveUpWriting(root);
  const port = wholeNumber(given.text("port") ?? PORT, "port", 65535);
  const signal = untilStopped();
  const studio = new Studio({ root, factory: new Registry(shipped.plugins), signal, cache: CACHE });
  const runs = await studio.runs();
  const { url, ended } = serveStudio(studio, { port, signal });
  out.print(url);
  out.note(`${runs.length === 1 ? "One run" : `${runs.length} runs`} in ${root}; Ctrl-C ends it`);
  await ended.catch((error) => out.note(messageOf(error)));
  return 0;
}
