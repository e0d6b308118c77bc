import { fromFileUrl } from "seamstress";
import { readCamDict, readCams } from "seamstress/wsss";
import { Service } from "../measure/service.ts";
import { type TorchOptions, torchServices } from "../measure/torch.ts";
import type { ReadSide } from "./agree.ts";
import { type InferenceFiles, stageOf } from "./recipe.ts";

const CHILD = fromFileUrl(new URL("./child.ts", import.meta.url));
const SCRIPT = fromFileUrl(new URL("../peers/mobilenet_infer.py", import.meta.url));

/** Who infers. */
export interface Side {
  readonly name: string;
  readonly threads: number;
  readonly device?: string;
  /** Answers `part` with the time of the next part. */
  readonly service: Service;
  /** Reads the CAMs of an image of the warm part. */
  readonly read: ReadSide;
}

/** What sides are started with. */
export interface SidesOptions extends TorchOptions {
  readonly files: InferenceFiles;
  /** For what they write. */
  readonly folder: string;
}

/**
 * Starts this project, on one thread and on all cores.
 *
 * @param options what they read and where they write
 * @returns a process each
 */
export function ownSides({ files, folder, cores, load, stack }: SidesOptions): Side[] {
  return [1, ...cores > 1 ? [cores] : []].map((threads) => {
    const run = `${folder}/run-${threads}`;
    const name = `this project, ${threads} ${threads === 1 ? "thread" : "threads"}`;
    const group = threads === 1 ? "single" : `{ use: workers, count: ${threads} }`;
    const service = new Service({
      program: Deno.execPath(),
      args: [
        ...["run", "--no-prompt", "--no-check", "--allow-read", `--allow-write=${folder}`],
        ...[CHILD, files.recipe, run, group],
      ],
      ...{ name, load },
    });
    return {
      ...{ name, threads },
      service: stack.use(service),
      read: async (image) => (await readCams(`${run}/stages/${stageOf(0)}/cams`, image)).cams!,
    };
  });
}

/**
 * Starts PyTorch at its best, on one thread and on all cores.
 *
 * @param options what they read and where they write
 * @returns a process each; none, loudly, where there is no PyTorch
 */
export async function peerSides({ files, folder, ...options }: SidesOptions): Promise<Side[]> {
  const out = (threads: number) => `${folder}/pytorch-${threads}`;
  const args = (threads: number) => [files.job, out(threads)];
  const services = await torchServices(SCRIPT, ["numpy", "PIL"], args, options);
  return await Promise.all(services.map(async (one): Promise<Side> => {
    const cams = out(one.threads);
    await Deno.mkdir(cams);
    return { ...one, read: (image) => readCamDict(`${cams}/${image}.npy`) };
  }));
}
