import type { CommandOutput } from "../../core/contracts/data_commands.ts";
import { userError } from "../../core/errors.ts";
import { fromFileUrl, resolvePath } from "../../core/recipe/paths.ts";
import { realFolder } from "../../core/run/real_folder.ts";
import type { Selection } from "../../core/run/stages/selection.ts";
import { Stopped } from "../../core/run/stop.ts";
import { flags } from "../command_line/flags.ts";
import { checkOpenFiles } from "../command_line/open_files.ts";
import { StopListener } from "../command_line/stop/listener.ts";
import { resumeCommand } from "../command_line/stop/resume_command.ts";
import { forecastRun } from "../forecast/dry_run.ts";
import { formatForecast } from "../forecast/format_forecast.ts";
import { measureSpeed } from "../forecast/measure_speed.ts";
import { exists } from "../formats/exists.ts";
import { runRecipe } from "../modules/run_recipe.ts";
import { parseSteps } from "../observers/profile/steps.ts";
import { loadRecipe } from "../recipe_files/load.ts";
import { withModules } from "../recipe_files/with_modules.ts";
import { noteModule } from "./note_module.ts";
import { parseShard } from "../shards/parse_shard.ts";
import { forgetJob, runShard } from "../shards/run_shard.ts";
import { refuseBesideShards, refuseWith, shardLines } from "./shard.ts";
import { findRecipe } from "./find_recipe.ts";
import { NamedVariables, needWriteAccess } from "./permissions.ts";
import { continueOnOtherData } from "./run/other_data.ts";
import { otherFolder } from "./run/other_folder.ts";
import type { Shipped } from "./shipped.ts";

/**
 * Runs a recipe, or says what a run would do (`--dry-run`).
 *
 * @param args what stands behind `run`
 * @param shipped the plugins that ship
 * @param out where to write
 * @param always continue a run folder that is there, whether or not `--resume` says so
 * @returns the exit code: 0 done, 130 or 143 stopped by SIGINT or SIGTERM
 */
export async function runCommand(
  args: readonly string[],
  { plugins, pluginModules, workerModules }: Shipped,
  out: CommandOutput,
  always = false,
): Promise<number> {
  const given = flags(args, {
    text: ["out", "backend", "group", "seed", "like", "profile-steps", "shard"],
    // The recipe's stages are known where an empty one is refused.
    emptyText: ["from", "until", "only"],
    list: ["set", "with"],
    on: ["resume", "dry-run", "profile"],
  });
  const [path, ...others] = given._;
  if (path === undefined || others.length > 0) {
    throw userError(
      new TypeError(
        `Cannot run: expected one recipe, found ${given._.length}; such as recipes/mini/demo.yaml`,
      ),
    );
  }
  const seed = given.text("seed");
  const backend = given.text("backend");
  const group = given.text("group");
  const to = given.text("out");
  const steps = given.text("profile-steps");
  const profiled = given.on("profile") || steps !== undefined;
  if (steps !== undefined) parseSteps(steps);
  if (profiled && given.on("dry-run")) {
    throw userError(
      new TypeError(
        "Cannot run with --profile and --dry-run: a dry run has no kernels to time; leave one of them out",
      ),
    );
  }
  const share = given.text("shard");
  const shard = share === undefined ? undefined : parseShard(share);
  if (shard) refuseWith(given);
  const cwd = Deno.cwd();
  await checkOpenFiles(fromFileUrl(import.meta.resolve("../../deno.json")));
  const found = await findRecipe(path);
  const variables = new NamedVariables();
  const loadOptions = {
    plugins,
    set: [
      // First: what is set of a backend is set of this one.
      ...backend === undefined ? [] : [`backend=${backend}`],
      ...group === undefined ? [] : [`group.use=${group}`],
      ...given.list("set"),
      ...seed === undefined ? [] : [`seed=${seed}`],
    ],
    environment: variables.read,
    with: await withModules(given.list("with"), cwd, () => {}),
    onModule: noteModule(out),
    cwd,
    ...found.base !== undefined && { base: found.base },
  };
  const from = given.text("from");
  const only = given.text("only")?.split(",").map((id) => id.trim());
  const part = { from, until: given.text("until"), only };
  const named = await loadRecipe(found.file, loadOptions);
  const wanted = resolvePath(cwd, to ?? found.folder ?? `runs/${named.recipe.name}`);
  const elsewhere = await otherFolder({ named, found, from, to: to && wanted }, loadOptions);
  const { loaded, notes } = found.folder !== undefined && elsewhere !== undefined
    ? await continueOnOtherData(
      named,
      { folder: resolvePath(cwd, found.folder), selection: part },
      loadOptions,
    )
    : { loaded: named, notes: [] };
  const folder = await realFolder(elsewhere ?? wanted);
  await needWriteAccess(folder, { command: "run RECIPE", flags: variables.flags });
  for (const note of notes) out.note(note);
  if (elsewhere !== undefined) out.note(`results: ${folder}`);
  // What begins in a folder of its own has no stages besides those that are to be done.
  const selection: Selection = elsewhere === undefined ? part : {};
  // To do a stage again is to continue a run.
  const resume = given.on("resume") || selection.from !== undefined ||
    always && await exists(folder);
  const like = given.text("like");
  if (given.on("dry-run")) {
    const options = {
      folder,
      resume,
      pluginModules,
      selection,
      like: like && resolvePath(cwd, like),
    };
    out.print(formatForecast(await forecastRun(loaded, { ...options, measureSpeed })));
    return 0;
  }
  if (like !== undefined) {
    throw userError(new TypeError("Cannot run with --like: it goes with --dry-run only"));
  }
  const observers = profiled ? [{ use: "profile", ...steps !== undefined && { steps } }] : [];
  if (!shard) await refuseBesideShards(folder);
  using stop = await StopListener.open();
  try {
    const options = { folder, workerModules, pluginModules, selection, observers, stop };
    if (shard) {
      const end = await runShard(loaded, { ...options, shard, note: out.note });
      for (const line of shardLines(end, shard)) out.note(line);
      return 0;
    }
    await runRecipe(loaded, { ...options, resume });
    await forgetJob(folder);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    const begun = await exists(`${folder}/manifest.json`);
    const command = resumeCommand({ cwd, folder, ...selection, shard: share });
    out.note(`${error.message}; ${begun ? `go on with\n  ${command}` : "nothing was begun"}`);
    return stop.exitCode;
  }
  if (profiled && await exists(`${folder}/profile`)) out.print(`profile: ${folder}/profile`);
  return 0;
}
