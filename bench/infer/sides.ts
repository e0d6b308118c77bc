import { fromFileUrl } from "seamstress";
import { readCamDict, readCams } from "seamstress/wsss";
import type { Load } from "../measure/load.ts";
import { peerEnvironment } from "../measure/peer.ts";
import type { Interpreter } from "../measure/python.ts";
import { Service } from "../measure/service.ts";
import { findTorch, peerRows, refuseSlowBlas } from "../measure/torch.ts";
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
export interface SidesOptions {
  readonly files: InferenceFiles;
  /** For what they write. */
  readonly folder: string;
  readonly cores: number;
  readonly pythons?: readonly Interpreter[] | undefined;
  readonly load: Load;
  /** Ends their processes. */
  readonly stack: AsyncDisposableStack;
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
export async function peerSides(
  { files, folder, cores, pythons, load, stack }: SidesOptions,
): Promise<Side[]> {
  const found = await findTorch(["numpy", "PIL"], pythons);
  if (!found) return [];
  const [program, ...before] = found.python;
  const sides: Side[] = [];
  for (const row of peerRows("cpu", cores).filter(({ keepsMemory }) => keepsMemory)) {
    const { name, threads } = row;
    const out = `${folder}/pytorch-${threads}`;
    await Deno.mkdir(out);
    const args = [...before, SCRIPT, files.job, out], env = peerEnvironment(row);
    const service = stack.use(new Service({ program, args, env, name, load }));
    const { device, ...blas } = await service.ask<{ device: string; referenceBlas: boolean }>(
      "describe",
    );
    refuseSlowBlas(blas, load);
    const read: ReadSide = (image) => readCamDict(`${out}/${image}.npy`);
    sides.push({ name, threads, device, service, read });
  }
  return sides;
}
