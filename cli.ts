/**
 * The command line: finds the command and says how it ended; `plugins/commands/` has one file per command.
 *
 * @module
 */
import type { CommandOutput } from "./core/contracts/data_commands.ts";
import { isUserError, messageOf, userError } from "./core/errors.ts";
import { fromFileUrl } from "./core/recipe/paths.ts";
import { didYouMean } from "./core/registry/suggest.ts";
import { fileFault } from "./core/run/file_fault.ts";
import { commandHelp } from "./plugins/command_line/command_help.ts";
import { camCommand } from "./plugins/commands/cam.ts";
import { completionsCommand } from "./plugins/commands/completions.ts";
import { dataCommand } from "./plugins/commands/data.ts";
import { exportCommand } from "./plugins/commands/export.ts";
import { pluginsCommand } from "./plugins/commands/plugins.ts";
import { runCommand } from "./plugins/commands/run.ts";
import { schemaCommand } from "./plugins/commands/schema.ts";
import { sweepCommand } from "./plugins/commands/sweep.ts";
import { studioCommand } from "./plugins/commands/studio.ts";
import { verifyCommand } from "./plugins/commands/verify.ts";
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
    --shard NUMBER/COUNT                     this share of the images, beside other processes (docs/scaling.md)
    --dry-run                                check all, print the plan with sizes, memory and time, write nothing
    --like FOLDER                            with --dry-run: times from that earlier run's log
    --profile                                time the kernels of steps 2 to 6 of every stage, into the run folder
    --profile-steps FROM-TO                  the same for other steps
    --set KEY=VALUE                          override, such as --set optimizer.lr=0.005 (any number of times)
    --backend NAME, --seed N                 short for --set backend=NAME, --set seed=N
    --group NAME                             short for --set group.use=NAME: single, or mpi in deno task run-mpi
  deno task sweep RECIPE [options]         runs of several seeds and settings, and their table
    --seeds 0-2, --grid KEY=A,B              every combination (--grid any number of times); --set KEY=VALUE for all
    --jobs N, --shard NUMBER/COUNT           so many at a time; this process's share
    --out FOLDER                             where to (default runs/NAME-sweep); --collect: the table alone; --json
  deno task cam IMAGE... --from RUN        CAMs, masks and scores of photographs, by the network of a run or a checkpoint in it
    --class NAME                             of this class (any number of times); else of those that the network sees
    --out FOLDER                             where to (default runs/cam); --stage ID, --alpha NUMBER, --json
  deno task export RUN --to onnx|torch     the network with its weights, for other programs
    --size WIDTHxHEIGHT                      of its images (default 448x448); --stage ID, --out FOLDER (default runs/export)
  deno task verify FILE|FOLDER... [options]  recompute golden files
    --backend NAME                           auto, webgpu, wasm or cpu (default auto)
    --device dawn                            with --backend webgpu: Chrome's WebGPU in place of Deno's (docs/commands.md)
    --json                                   print JSON
  deno task studio [RUNS]                  show runs in the browser, live ones too; --port N (default 8765)
  deno task studio export RUN              the same as a folder for a web server; --out FOLDER, --images N of each split,
                                             --weights: networks too, to compute by them in the page
  deno task data check ROOT                look at data: counts, faulty files, classes, hash; --dataset NAME for another layout
  deno task data labels ROOT --from WHAT   image labels from masks, XML or CSV; "data help" for more
  deno task data split ROOT --val SHARE    lists train.txt and val.txt, seeded; --stratify: each class has its share
  deno task plugins [KIND [NAME]]          what a recipe can name; a plugin's options
  deno task completions bash|zsh           a script by which the shell completes all this: eval "$(deno task -q completions bash)"
  deno task schema                         JSON Schema of recipes, for editors
    --with FILE|RECIPE                       of plugins, schema and run: plugins of others too, those of a module, a package
                                             (jsr:, npm:) or a recipe (any number of times)`;

/** Whose commands `data` runs where no data set is named. */
const USUAL_DATASET = "voc12";

/** Standard output, and standard error for remarks and progress, so that results can be piped. The command line is the one place that prints. */
function standardStreams(): CommandOutput {
  const encoder = new TextEncoder();
  return {
    // deno-lint-ignore no-console
    print: (text) => console.log(text),
    // deno-lint-ignore no-console
    note: (text) => console.error(text),
    progress: {
      live: Deno.stderr.isTerminal(),
      write: (text) => void Deno.stderr.writeSync(encoder.encode(text)),
      now: () => performance.now(),
    },
  };
}

const SHIPPED = { plugins, pluginModules, workerModules };
const DEMO = fromFileUrl(import.meta.resolve("./recipes/mini/demo.yaml"));

type Command = (args: readonly string[], out: CommandOutput) => number | Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  demo: (args, out) => runCommand([DEMO, ...args], SHIPPED, out, true),
  run: (args, out) => runCommand(args, SHIPPED, out),
  sweep: (args, out) => sweepCommand(args, SHIPPED, out),
  export: (args, out) => exportCommand(args, SHIPPED, out),
  cam: (args, out) => camCommand(args, SHIPPED, out),
  verify: (args, out) => verifyCommand(args, SHIPPED, out),
  data: (args, out) => dataCommand(args, { plugins, dataset: USUAL_DATASET, cwd: Deno.cwd() }, out),
  plugins: (args, out) => pluginsCommand(args, SHIPPED, out),
  schema: (args, out) => schemaCommand(args, SHIPPED, out),
  completions: (args, out) => completionsCommand(args, USAGE, Object.keys(COMMANDS), out),
  studio: (args, out) => studioCommand(args, SHIPPED, out),
};

/**
 * Runs one command.
 *
 * @param args the command and its arguments
 * @param out takes its results, remarks and progress; standard output and error where not given
 * @returns the exit code: 0 done, 1 failed, 130 or 143 stopped by SIGINT or SIGTERM
 */
export async function main(
  args: readonly string[],
  out: CommandOutput = standardStreams(),
): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || args.includes("--help") && name !== "data") {
    const one = name === "help" ? rest[0] : name;
    out.print(commandHelp(USAGE, one ?? "") ?? USAGE);
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
    return await command(rest, out);
  } catch (thrown) {
    const error = fileFault(thrown);
    if (isUserError(error)) out.note(`error: ${error.message}`);
    else if (error instanceof Deno.errors.NotCapable) {
      out.note(
        `error: ${messageOf(error)}\nThe task grants only what it needs; see docs/permissions.md`,
      );
    } else out.note(error instanceof Error ? error.stack ?? error.message : String(error));
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
