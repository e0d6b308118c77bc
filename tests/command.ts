import { fromFileUrl } from "../core/recipe/paths.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** A run on one thread, unless the arguments say otherwise: tests of other things run beside one another. */
export function onOneThread(args: readonly string[]): readonly string[] {
  const told = args.some((arg) => /^--group\b|^(--set=)?group\b/.test(arg));
  return args[0] === "run" && args.length > 1 && !told ? [...args, "--set=group=single"] : args;
}

/** How a test starts the command line. */
interface Options {
  /** Variables, which it may read. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the command's task grants besides those of `run`. */
  readonly permissions?: readonly string[];
}

/** The command line as users start it, with the permissions of the `run` task and a free choice of folder to write. */
export function seamstress(args: readonly string[], options: Options = {}) {
  const names = Object.keys(options.env ?? {});
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write",
      ...names.length > 0 ? [`--allow-env=${names}`] : [],
      ...options.permissions ?? [],
      `--config=${ROOT}deno.json`,
      `${ROOT}cli.ts`,
      ...onOneThread(args),
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...options.env },
    stdout: "piped",
    stderr: "piped",
    stdin: "null",
  });
}

/** Runs it to its end. */
export async function runSeamstress(args: readonly string[], options: Options = {}) {
  return await ended(seamstress(args, options));
}

/** Runs Deno to its end, in the project's root unless told. */
export async function runDeno(
  args: readonly string[],
  { cwd = ROOT, env }: Pick<Options, "env"> & { readonly cwd?: string } = {},
) {
  const options = { args: [...args], cwd, env: { NO_COLOR: "1", ...env } };
  return await ended(new Deno.Command(Deno.execPath(), { ...options, stdin: "null" }));
}

/** Runs a command to its end. */
async function ended(command: Deno.Command) {
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** A folder for one test. */
export async function inTempFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "seamstress-" });
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
