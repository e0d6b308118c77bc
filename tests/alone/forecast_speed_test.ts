import { assert } from "@std/assert";
import { measureSpeed } from "../../plugins/forecast/measure_speed.ts";
import { trace } from "../../plugins/forecast/trace.ts";
import { secondsOf, WORK_KINDS } from "../../plugins/forecast/work.ts";
import { eachBackend } from "../backends.ts";
import { NETWORKS, step } from "../plugins/forecast/networks.ts";

eachBackend(
  "measured speed foretells a step to an order of magnitude, machine busy or not",
  async (backend) => {
    if (backend !== "wasm") return;
    const network = NETWORKS[1]!;
    const { work } = await trace(() => step(network));
    const predicted = secondsOf(work, await measureSpeed(WORK_KINDS));
    await step(network);
    const times = [];
    for (let i = 0; i < 3; i++) {
      const began = performance.now();
      await step(network);
      times.push((performance.now() - began) / 1000);
    }
    const ratio = predicted / Math.min(...times);
    assert(ratio > 1 / 8 && ratio < 8, `predicted ${predicted}, took ${times}`);
  },
);
