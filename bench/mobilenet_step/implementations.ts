import { type BackendInfo, fromFileUrl, readSafetensors, SINGLE } from "seamstress";
import type { TimedWork, Work } from "../measure/sample.ts";
import { type TorchOptions, torchServices } from "../measure/torch.ts";
import { COMPARED_STEPS } from "../step/agreement.ts";
import type { Problem, StepHow } from "../step/problem.ts";
import type { SharedProblem } from "../step/ranks.ts";
import type { Computed } from "./agree.ts";
import { copyGradients, plainGradients, type StepGradients } from "./gradients.ts";

const SCRIPT = fromFileUrl(new URL("../peers/mobilenet_step.py", import.meta.url));

/** Who takes the step. */
export interface StepTaker {
  readonly name: string;
  readonly threads: number;
  readonly device?: string;
  /** What it computed from the start. */
  readonly computed: Computed;
  /** The first step, from the start. */
  readonly work: Work | TimedWork;
}

/**
 * This project on one thread, the whole batch at once and in micro-batches, and on several threads.
 *
 * @param problem whose steps are taken
 * @param shared the same among threads, where several can share it
 * @param micro images of a micro-batch
 * @param backend that computes
 * @returns one that computed its first steps each
 */
export async function ownTakers(
  problem: Problem,
  shared: SharedProblem | undefined,
  micro: number,
  backend: Pick<BackendInfo, "check">,
): Promise<StepTaker[]> {
  const [batch] = problem.batch.shape, one = "this project, 1 thread";
  const ways: (readonly [name: string, threads: number, problem: Problem])[] = [
    [one, 1, problem],
    ...micro < batch
      ? [[`${one}, micro-batches of ${micro}`, 1, problem.among(SINGLE, { micro })] as const]
      : [],
    ...shared ? [[`this project, ${shared.ranks} threads`, shared.ranks, shared] as const] : [],
  ];
  const takers: StepTaker[] = [];
  for (const [name, threads, way] of ways) {
    takers.push({
      ...{ name, threads, computed: { name, ...await begin(way) } },
      work: {
        prepare: () => way.reset(),
        run: () => way.step(0),
        settle: () => backend.check(),
      },
    });
  }
  return takers;
}

async function begin(problem: Problem): Promise<Omit<Computed, "name">> {
  await problem.reset();
  let gradients: StepGradients = new Map();
  const see: StepHow["see"] = (seen) => gradients = copyGradients(seen, problem.state);
  const losses = [await problem.step(0, { see })];
  for (let step = 1; step < COMPARED_STEPS; step++) losses.push(await problem.step(step));
  return { losses, gradients };
}

/** Where peers are, how long they live, and where they write. */
export interface PeersOptions extends TorchOptions {
  /** For files between them and this process. */
  readonly folder: string;
}

/**
 * PyTorch at its best on one thread and on all cores, a process each.
 *
 * @param problem file that `encodeProblem` made
 * @param options where and how
 * @returns one that computed its first steps each; none, loudly, where there is no PyTorch
 */
export async function peerTakers(problem: string, options: PeersOptions): Promise<StepTaker[]> {
  const takers: StepTaker[] = [];
  const services = await torchServices(SCRIPT, ["numpy"], () => [problem], options);
  for (const { name, threads, device, service } of services) {
    const file = `${options.folder}/gradients-${threads}.safetensors`;
    const { losses } = await service.ask<Pick<Computed, "losses">>("begin", file);
    const gradients = plainGradients((await readSafetensors(file)).tensors);
    takers.push({
      ...{ name, threads, device, computed: { name, losses, gradients } },
      work: service.work("step"),
    });
  }
  return takers;
}
