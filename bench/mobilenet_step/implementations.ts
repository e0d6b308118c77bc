import { type BackendInfo, fromFileUrl, readSafetensors, SINGLE } from "seamstress";
import type { Load } from "../measure/load.ts";
import { peerEnvironment } from "../measure/peer.ts";
import type { Interpreter } from "../measure/python.ts";
import type { TimedWork, Work } from "../measure/sample.ts";
import { Service } from "../measure/service.ts";
import { findTorch, peerRows, refuseSlowBlas } from "../measure/torch.ts";
import type { Problem, StepHow } from "../step/problem.ts";
import type { SharedProblem } from "../step/ranks.ts";
import type { Computed } from "./agree.ts";
import { copyGradients, plainGradients, type StepGradients } from "./gradients.ts";

const SCRIPT = fromFileUrl(new URL("../peers/mobilenet_step.py", import.meta.url));

/** Steps whose losses are compared: the second's show that the update agrees, too. */
export const COMPARED_STEPS = 2;

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
      ? [[`${one}, micro-batches of ${micro}`, 1, problem.among(SINGLE, micro)] as const]
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

/** What a peer says of itself and its first steps. */
interface Began {
  readonly losses: readonly (readonly number[])[];
  readonly device: string;
  readonly referenceBlas: boolean;
  readonly threads: number;
}

/** Where peers are, and how long they live. */
export interface PeersOptions {
  /** Default: those that are searched. */
  readonly pythons?: readonly Interpreter[] | undefined;
  readonly cores: number;
  readonly load: Load;
  /** Ends their processes. */
  readonly stack: AsyncDisposableStack;
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
  const { pythons, cores, load, stack, folder } = options;
  const found = await findTorch(["numpy"], pythons);
  if (!found) return [];
  const [program, ...before] = found.python;
  const takers: StepTaker[] = [];
  for (const row of peerRows("cpu", cores).filter(({ keepsMemory }) => keepsMemory)) {
    const { name } = row;
    const args = [...before, SCRIPT, problem], env = peerEnvironment(row);
    const service = stack.use(new Service({ program, args, env, name, load }));
    const file = `${folder}/gradients-${row.threads}.safetensors`;
    const { losses, device, threads, ...blas } = await service.ask<Began>("begin", file);
    refuseSlowBlas(blas, load);
    const gradients = plainGradients((await readSafetensors(file)).tensors);
    takers.push({
      ...{ name, threads, device, computed: { name, losses, gradients } },
      work: service.work(() => ["step"]),
    });
  }
  return takers;
}
