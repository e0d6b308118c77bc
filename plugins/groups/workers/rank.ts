/**
 * Worker that is a rank of a run: it computes its part of what rank 0 begins. The group `workers` starts it; it is not for importing
 * elsewhere.
 *
 * @module
 */
import { Registry, serveStages } from "seamstress";
import { Member } from "./member.ts";
import type { FromRank, Start, ToRank } from "./messages.ts";

/** The part of a Worker's global scope that is used here; the compiler knows only the main thread's. */
interface WorkerScope {
  onmessage: (event: MessageEvent<ToRank>) => void;
  postMessage(message: FromRank): void;
}

const scope = globalThis as unknown as WorkerScope;

async function start({ rank, size, options, memory, wire }: Start): Promise<void> {
  const { group, receive } = Member.join(
    rank,
    size,
    memory,
    wire,
    (message) => scope.postMessage(message),
  );
  // Before the plugins are loaded: rank 0 does not wait.
  scope.onmessage = ({ data }) => receive(data);
  const { recipe, base, modules, workerModules } = options;
  try {
    const registry = await Registry.fromModules(modules, recipe.limits);
    await serveStages(group, { recipe, registry, base }, workerModules);
  } catch (error) {
    group.abort(error);
  }
}

scope.onmessage = ({ data }) => {
  if (data.type === "start") void start(data);
};
