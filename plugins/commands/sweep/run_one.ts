import { fromFileUrl } from "../../../core/recipe/paths.ts";
import { exists } from "../../formats/exists.ts";

/** A run to start in a process of its own. */
export interface Started {
  /** Its run folder, absolute; continued where it holds a run. */
  readonly folder: string;
  /** The recipe's path and settings, as `run` takes them. */
  readonly args: readonly string[];
  /** Sends it SIGTERM when aborted. */
  readonly terminate: AbortSignal;
}

/** What a run is started with, as the task `run` starts it, but for the folder that it may write. */
export const RUN_FLAGS: readonly string[] = [
  "--allow-read",
  "--allow-sys=systemMemoryInfo",
  "--allow-env=VOC_ROOT,VOC_LABELS,VOC_ANIMALS,RESNET38,RESNET50,MOBILENETV2",
];

/**
 * Runs a recipe in a process of its own, with the permissions of the task `run`; what it prints goes into `FOLDER.log`.
 *
 * @param started the run
 * @returns its exit code, and the last line of its log
 */
export async function runOne(
  { folder, args, terminate }: Started,
): Promise<{ readonly code: number; readonly last: string }> {
  const root = new URL("../../../", import.meta.url);
  const resume = await exists(`${folder}/recipe.yaml`) ? ["--resume"] : [];
  await using log = await openLog(`${folder}.log`);
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      ...RUN_FLAGS,
      `--allow-write=${folder}`,
      `--config=${fromFileUrl(new URL("deno.json", root))}`,
      fromFileUrl(new URL("cli.ts", root)),
      "run",
      ...args,
      "--out",
      folder,
      ...resume,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: terminate,
  }).spawn();
  const [{ code }] = await Promise.all([
    process.status,
    log.keep(process.stdout),
    log.keep(process.stderr),
  ]);
  return { code, last: log.last() };
}

/** A file that two streams are appended to, whose last line is known. */
async function openLog(path: string) {
  const file = await Deno.open(path, { create: true, append: true });
  let tail = "";
  return {
    async keep(stream: ReadableStream<Uint8Array>): Promise<void> {
      const decoder = new TextDecoder();
      for await (const chunk of stream) {
        let written = 0;
        while (written < chunk.length) written += await file.write(chunk.subarray(written));
        tail = (tail + decoder.decode(chunk, { stream: true })).slice(-4000);
      }
    },
    last: () => tail.trimEnd().split(/\n(?!\s)/).at(-1) ?? "",
    [Symbol.asyncDispose](): Promise<void> {
      file.close();
      return Promise.resolve();
    },
  };
}
