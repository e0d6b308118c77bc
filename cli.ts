/**
 * The command line: reads arguments, calls core, prints.
 *
 * @module
 */
import { dataCommand } from "./plugins/command_line/data_command.ts";
import { forecastRun } from "./plugins/forecast/dry_run.ts";
import { exists } from "./plugins/formats/exists.ts";
import { isUserError, messageOf, userError } from "./core/errors.ts";
import { fileFault } from "./core/run/file_fault.ts";
import { formatForecast } from "./plugins/forecast/format_forecast.ts";
import { flags } from "./plugins/command_line/flags.ts";
import { recipeJsonSchema } from "./plugins/command_line/json_schema.ts";
import { type Kind, KINDS } from "./core/registry/plugin.ts";
import { describePlugin } from "./plugins/command_line/plugin_help.ts";
import { measureSpeed } from "./plugins/forecast/measure_speed.ts";
import { parseSteps } from "./plugins/observers/profile/steps.ts";
import type { ProgressOutput } from "./core/contracts/data_commands.ts";
import { loadRecipe } from "./plugins/recipe_files/load.ts";
import { fromFileUrl, resolvePath } from "./core/recipe/paths.ts";
import { readManifest } from "./core/run/run_folder.ts";
import { realFolder } from "./core/run/real_folder.ts";
import { Registry } from "./core/registry/registry.ts";
import { checkOpenFiles } from "./plugins/command_line/open_files.ts";
import { runRecipe } from "./plugins/modules/run_recipe.ts";
import { Stopped } from "./core/run/stop.ts";
import { StopListener } from "./plugins/command_line/stop/listener.ts";
import { resumeCommand } from "./plugins/command_line/stop/resume_command.ts";
import { didYouMean } from "./core/registry/suggest.ts";
import { verify } from "./plugins/fixtures/verify/verify.ts";
import { formatVerification } from "./plugins/fixtures/verify/format.ts";
import { pluginModules, plugins, workerModules } from "./plugins/mod.ts";

const USAGE = `Seamstress: weakly supervised segmentation, reproducible

  deno task demo [options of run]          train and compare on the embedded world, write a report;
                                           continues where an earlier demo was stopped
  deno task run RECIPE [options]           run a recipe (YAML or TypeScript), or a run folder's with --resume
    --out FOLDER                             the run folder (default runs/NAME)
    --resume                                 continue the run folder's run; finished stages are skipped
    --from STAGE                             in a run folder: this stage and what depends on it again, those before it not
    --until STAGE                            stop after this stage
    --only STAGE[,STAGE...]                  these stages alone; what else they read must be finished
    --dry-run                                check all, print the plan with sizes, memory and time, write nothing
    --like FOLDER                            with --dry-run: times from that earlier run's log
    --profile                                time the kernels of steps 2 to 6 of every stage, into the run folder
    --profile-steps FROM-TO                  the same for other steps
    --set KEY=VALUE                          override, such as --set optimizer.lr=0.005 (any number of times)
    --backend NAME, --seed N                 short for --set backend=NAME, --set seed=N
    --group NAME                             short for --set group.use=NAME: single, or mpi in deno task run-mpi
  deno task verify FILE|FOLDER... [options]  recompute golden files
    --backend NAME                           auto, webgpu, wasm or cpu (default auto)
    --json                                   print JSON
  deno task data check ROOT                look at data: counts, faulty files, classes, hash; --dataset NAME for another layout
  deno task data labels ROOT --from WHAT   image labels from masks, XML or CSV; "data help" for more
  deno task plugins [KIND [NAME]]          what a recipe can name; a plugin's options
  deno task schema                         JSON Schema of recipes, for editors`;

/** Whose commands `data` runs where no data set is named. */
const USUAL_DATASET = "voc12";

// The command line is the one place that prints.
// deno-lint-ignore no-console
const print = (text: string) => console.log(text);
// deno-lint-ignore no-console
const complain = (text: string) => console.error(text);

/** Where progress goes, so that results can be piped. */
function standardError(): ProgressOutput {
  const encoder = new TextEncoder();
  return {
    live: Deno.stderr.isTerminal(),
    write: (text) => void Deno.stderr.writeSync(encoder.encode(text)),
    now: () => performance.now(),
  };
}

/** Tasks may write below runs/ only; better said now than after a training. */
async function needWriteAccess(folder: string): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "write", path: folder });
  if (state === "granted") return;
  throw userError(
    new Deno.errors.NotCapable(
      `Cannot write to ${folder}: tasks may write below runs/ only; choose --out runs/NAME, or run\n` +
        `  deno run --allow-read --allow-write=${folder} cli.ts run RECIPE --out ${folder}`,
    ),
  );
}

/** Tasks may read the variables that shipped recipes name; Deno asks for others in a terminal, and refuses elsewhere. */
function environment(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw userError(
      new Deno.errors.NotCapable(
        `Cannot read the environment variable ${name}, which the recipe names: allow it with\n` +
          `  deno run --allow-read --allow-write=runs --allow-env=${name} cli.ts run RECIPE\n` +
          "or give what stands there with --set",
      ),
    );
  }
}

/** A recipe's file; for a run folder its resolved recipe, which goes on in that folder. */
async function findRecipe(path: string): Promise<{ file: string; folder?: string; base?: string }> {
  if (!await exists(`${path}/recipe.yaml`).catch(() => false)) return { file: path };
  const manifest = await readManifest(path);
  if (manifest) return { file: `${path}/recipe.yaml`, folder: path, base: manifest.base };
  throw userError(
    new Error(
      `Cannot go on in ${path}: its manifest.json is missing or damaged, which says where the recipe's relative paths start; ` +
        `name the recipe's file, which writes it anew: deno task run RECIPE --out ${path} --resume`,
    ),
  );
}

/** @param always continue a run folder that is there, whether or not --resume says so */
async function run(args: readonly string[], always = false): Promise<number> {
  const given = flags(args, {
    text: ["out", "backend", "group", "seed", "like", "profile-steps"],
    // The recipe's stages are known where an empty one is refused.
    emptyText: ["from", "until", "only"],
    list: ["set"],
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
  const out = given.text("out");
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
  const cwd = Deno.cwd();
  await checkOpenFiles(fromFileUrl(import.meta.resolve("./deno.json")));
  const found = await findRecipe(path);
  const loaded = await loadRecipe(found.file, {
    plugins,
    set: [
      // First: what is set of a backend is set of this one.
      ...backend === undefined ? [] : [`backend=${backend}`],
      ...group === undefined ? [] : [`group.use=${group}`],
      ...given.list("set"),
      ...seed === undefined ? [] : [`seed=${seed}`],
    ],
    environment,
    onModule: (url) => complain(`runs the recipe's own code: ${fromFileUrl(url)}`),
    cwd,
    ...found.base !== undefined && { base: found.base },
  });
  const folder = await realFolder(
    resolvePath(cwd, out ?? found.folder ?? `runs/${loaded.recipe.name}`),
  );
  await needWriteAccess(folder);
  const from = given.text("from");
  // To do a stage again is to continue a run.
  const resume = given.on("resume") || from !== undefined || always && await exists(folder);
  const only = given.text("only")?.split(",").map((id) => id.trim());
  const selection = { from, until: given.text("until"), only };
  const like = given.text("like");
  if (given.on("dry-run")) {
    const options = {
      folder,
      resume,
      pluginModules,
      selection,
      like: like && resolvePath(cwd, like),
    };
    print(formatForecast(await forecastRun(loaded, { ...options, measureSpeed })));
    return 0;
  }
  if (like !== undefined) {
    throw userError(new TypeError("Cannot run with --like: it goes with --dry-run only"));
  }
  const observers = profiled ? [{ use: "profile", ...steps !== undefined && { steps } }] : [];
  using stop = await StopListener.open();
  try {
    await runRecipe(loaded, {
      folder,
      resume,
      workerModules,
      pluginModules,
      selection,
      observers,
      stop,
    });
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    const begun = await exists(`${folder}/manifest.json`);
    const command = resumeCommand({ cwd, folder, ...selection });
    complain(`${error.message}; ${begun ? `go on with\n  ${command}` : "nothing was begun"}`);
    return stop.exitCode;
  }
  if (profiled && await exists(`${folder}/profile`)) print(`profile: ${folder}/profile`);
  return 0;
}

const demo = (args: readonly string[]) =>
  run([fromFileUrl(import.meta.resolve("./recipes/mini/demo.yaml")), ...args], true);

async function verifyFiles(args: readonly string[]): Promise<number> {
  const given = flags(args, { text: ["backend", "precision"], on: ["json"] });
  if (given._.length === 0) {
    throw userError(
      new TypeError("Cannot verify: expected files or folders, such as tests/fixtures"),
    );
  }
  const registry = new Registry(plugins);
  const precision = given.text("precision");
  const chosen = await registry.create(
    "backend",
    { use: given.text("backend") ?? "auto", ...precision !== undefined && { precision } },
    undefined,
  );
  const backend = await chosen.prepare(await registry.createAll("op", undefined));
  const results = await verify(given._, { factory: registry, check: backend.check });
  if (given.on("json")) {
    print(JSON.stringify({ backend: backend.name, device: backend.device, results }, null, 2));
  } else print(`${backend.name}: ${backend.device}\n${formatVerification(results)}`);
  return results.every(({ passed }) => passed) ? 0 : 1;
}

function listPlugins(args: readonly string[]): number {
  const given = flags(args, {});
  const [kind, wanted] = given._;
  if (kind !== undefined && !Object.hasOwn(KINDS, kind)) {
    throw userError(
      new RangeError(
        `Cannot list plugins of kind ${kind}${didYouMean(kind, Object.keys(KINDS))}; valid: ${
          Object.keys(KINDS).join(", ")
        }`,
      ),
    );
  }
  if (kind !== undefined && wanted !== undefined) {
    const registry = new Registry(plugins);
    const names = registry.names(kind as Kind);
    const plugin = registry.find(kind as Kind, wanted);
    if (!plugin) {
      throw userError(
        new RangeError(
          `Cannot describe ${kind} ${wanted}${didYouMean(wanted, names)}; valid: ${
            names.join(", ")
          }`,
        ),
      );
    }
    print(describePlugin(plugin));
    return 0;
  }
  for (const [name, meaning] of Object.entries(KINDS) as [Kind, string][]) {
    const listed = plugins.filter((plugin) => plugin.kind === name);
    if ((kind !== undefined && kind !== name) || listed.length === 0) continue;
    print(`${name}: ${meaning}`);
    for (const plugin of listed) print(`  ${plugin.name.padEnd(22)} ${plugin.summary}`);
  }
  return 0;
}

function schema(): number {
  print(JSON.stringify(recipeJsonSchema(new Registry(plugins)), null, 2));
  return 0;
}

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => number | Promise<number>>> = {
  demo,
  run: (args) => run(args),
  verify: verifyFiles,
  data: (args) =>
    dataCommand(
      args,
      { plugins, dataset: USUAL_DATASET, cwd: Deno.cwd() },
      { print, note: complain, progress: standardError() },
    ),
  plugins: listPlugins,
  schema,
};

/**
 * Runs one command.
 *
 * @param args the command and its arguments
 * @returns the exit code: 0 done, 1 failed, 130 or 143 stopped by SIGINT or SIGTERM
 */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || args.includes("--help") && name !== "data") {
    print(USAGE);
    return name === undefined ? 1 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (!command) {
      const names = Object.keys(COMMANDS);
      throw userError(
        new RangeError(`Cannot do ${name}${didYouMean(name, names)}; valid: ${names.join(", ")}`),
      );
    }
    return await command(rest);
  } catch (thrown) {
    const error = fileFault(thrown);
    if (isUserError(error)) complain(`error: ${error.message}`);
    else if (error instanceof Deno.errors.NotCapable) {
      complain(
        `error: ${
          messageOf(error)
        }\nThe task grants only what it needs; see "Permissions" in README.md`,
      );
    } else complain(error instanceof Error ? error.stack ?? error.message : String(error));
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
