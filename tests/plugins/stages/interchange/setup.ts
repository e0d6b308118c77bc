import { Registry } from "../../../../core/registry/registry.ts";
import { mini } from "../../../../plugins/datasets/mini.ts";
import { exportCamsStage } from "../../../../plugins/stages/export_cams.ts";
import { importCamsStage } from "../../../../plugins/stages/import_cams.ts";
import type { Dataset } from "../../../../core/contracts/dataset.ts";

/** The images whose CAMs are written and read. */
export const SPLIT = "val[0:6]";
/** The stages that write and read them. */
export const plugins = [importCamsStage, exportCamsStage];
/** A stage that infers CAMs. */
export const infer = {
  id: "cams",
  run: "infer",
  from: "net",
  split: SPLIT,
  scales: [1],
  flip: false,
};

/** A stage that scores the CAMs of a stage. */
export const score = (from: string) => ({
  id: `${from}-score`,
  run: "evaluate",
  from,
  metric: { use: "miou", alpha: 0.3 },
});

/** Opens the split. */
export function open(): Promise<Dataset> {
  return new Registry([mini]).create("dataset", { use: "mini", size: 32 }, {
    split: SPLIT,
    base: "/",
  });
}
