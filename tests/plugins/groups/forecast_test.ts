import { assert, assertEquals } from "@std/assert";
import { forecastRun } from "../../../plugins/forecast/dry_run.ts";
import { pluginModules } from "../../../plugins/mod.ts";
import { inTempFolder } from "../../command.ts";
import { loadGroup, TRAINING } from "./setup.ts";

/** A training and inference, as `--dry-run` foresees them. */
async function forecast(folder: string, count: number) {
  const recipe = `${TRAINING}
  - { id: cams, run: infer, from: seam, split: train, scales: [1] }
`;
  const loaded = await loadGroup(folder, { recipe, count });
  const { stages } = await forecastRun(loaded, {
    folder: `${folder}/run`,
    resume: false,
    pluginModules,
    measureSpeed: () =>
      Promise.resolve({ rates: { memory: 1e9, convolution: 1e9 }, secondsPerCall: 0 }),
  });
  return stages;
}

Deno.test("--dry-run counts the memory of all ranks and shares the time among them", async () => {
  await inTempFolder(async (folder) => {
    const [one, two] = [await forecast(folder, 1), await forecast(folder, 2)];
    assertEquals([one, two].map((stages) => stages.map(({ ranks }) => ranks)), [
      [undefined, undefined],
      [2, 2],
    ]);
    for (const [i, { estimate, seconds }] of one.entries()) {
      const shared = two[i]!;
      // Two of everything; but each rank of a training holds fewer sums of gradients.
      const times = shared.estimate.peakBytes! / estimate.peakBytes!;
      assert(times > 1.5 && times <= 2, String(times));
      const faster = seconds! / shared.seconds!;
      // The optimizer's update is each rank's.
      assert(faster > 1.9 && faster <= 2, String(faster));
    }
  });
});
