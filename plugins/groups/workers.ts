import * as z from "zod";
import {
  type BackendInfo,
  definePlugin,
  type GroupPlugin,
  type JoinOptions,
  SINGLE,
} from "seamstress";
import { Hub } from "./workers/hub.ts";
import { type Wire, wire } from "./wire.ts";

/** Threads of this process. */
class Threads implements GroupPlugin {
  readonly fixed: boolean;
  readonly #count: number | "auto";

  constructor(count: number | "auto", readonly wire: Wire) {
    this.fixed = count !== "auto";
    this.#count = count;
  }

  size({ name }: Pick<BackendInfo, "name">): number {
    if (this.#count !== "auto") return this.#count;
    // One device computes for one thread as fast as for two.
    return name === "webgpu" ? 1 : navigator.hardwareConcurrency;
  }

  join({ backend, recipe, size = 1, ...options }: JoinOptions) {
    if (size === 1) return Promise.resolve(SINGLE);
    const use = recipe.backend.use === "auto" && backend ? { use: backend.name } : recipe.backend;
    return Promise.resolve(
      Hub.start({ ...options, recipe: { ...recipe, backend: use } }, size, this.wire),
    );
  }
}

/** Threads of this process, each with a tfjs of its own. */
export const workersGroup = definePlugin({
  kind: "group",
  name: "workers",
  summary: "threads of this process, each with a tfjs of its own, for wasm and cpu",
  options: z.strictObject({
    count: z.union([z.literal("auto"), z.int().min(1).max(256)]).default("auto").describe(
      "How many; auto takes as many as a stage can use of the machine's cores, and one on a GPU",
    ),
    wire,
  }),
  create: ({ count, wire }) => new Threads(count, wire),
});
