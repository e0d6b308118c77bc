import * as z from "zod";
import {
  type ArtifactKind,
  defineArtifact,
  definePlugin,
  finishedArtifact,
  plannedArtifact,
} from "seamstress";
import type { StepNetwork } from "./network.ts";
import { makeProblem } from "./problem.ts";

/** What rank 0 tells the others to do: go back to the start, take a step of this number, or end. */
export type Command = "reset" | number | null;

const nothing: ArtifactKind<"nothing", Readonly<Record<string, never>>> = defineArtifact({
  name: "nothing",
  info: z.strictObject({}),
});

const count = () => z.int().min(1).describe("see Size");

/** What another rank than 0 does while a step on several threads is measured: as rank 0 tells it. */
export const benchStep = definePlugin({
  kind: "stage",
  name: "bench-step",
  summary: "steps of a benchmark's problem, as rank 0 tells",
  options: z.strictObject({
    ...{ width: count(), crop: count(), batch: count(), micro: count() },
    network: z.record(z.string(), z.unknown()).describe("see StepNetwork"),
  }),
  create: ({ network, ...size }) => ({
    from: [],
    check: () => Promise.resolve([]),
    gives: () => plannedArtifact(nothing, {}),
    async run({ group, backend }) {
      const problem = (await makeProblem(size, network as unknown as StepNetwork)).among(
        group,
        backend,
      );
      for (let command; (command = await group.broadcast<Command>(null)) !== null;) {
        if (command === "reset") {
          await problem.reset();
          await group.barrier();
        } else await problem.step(command);
      }
      return finishedArtifact(nothing, {});
    },
  }),
});
