import { finishedArtifact, plannedArtifact } from "../../../core/contracts/artifact.ts";
import { writeAtomic } from "../../../core/run/atomic.ts";
import { ARTIFACTS } from "../../../plugins/wsss/stages/artifacts.ts";
import * as z from "zod";
import { camFile, writeCams } from "../../../plugins/wsss/cams/cam_store.ts";
import { definePlugin } from "../../../core/registry/plugin.ts";
import { Rng } from "../../../core/rng.ts";

/** Leaves smooth random CAMs of the labelled classes, as `infer` would, with one image's as an option wants them. */
export const madeCamsStage = definePlugin({
  kind: "stage",
  name: "made-cams",
  summary: "random CAMs",
  options: z.strictObject({
    split: z.string(),
    /** The images' size after reduction. */
    side: z.int().default(32),
    longSide: z.int().nullable().default(null),
    /** What is wrong with the image at place 1. */
    fault: z.enum(["missing", "nan", "size", "empty", "zeros", "one", "no-cams"]).optional(),
    classes: z.array(z.string()).optional(),
  }),
  create: ({ split, side, longSide, fault, classes }) => ({
    from: [],
    gives: () =>
      plannedArtifact(ARTIFACTS.cams, { split, keeps: ["cams"], longSide: longSide ?? undefined }),
    check: () => Promise.resolve([]),
    run: async ({ folder, factory, dataset: use, base }) => {
      const dataset = await factory.create("dataset", use, { split, base });
      await Deno.mkdir(`${folder}/cams`, { recursive: true });
      for (let i = 0; i < dataset.length; i++) {
        const name = dataset.name(i), wrong = i === 1 ? fault : undefined;
        const edge = wrong === "size" ? side + 1 : side;
        const label = dataset.label(i);
        let present = [...label.keys()].filter((c) => label[c]! > 0);
        if (wrong === "empty") present = [];
        if (wrong === "one") present = [4];
        const maps = new Map(present.map((c) => [c, randomMap(name, c, edge)]));
        if (wrong === "nan") maps.values().next().value![5 * edge + 3] = NaN;
        if (wrong === "zeros") { for (const map of maps.values()) map.fill(-1); }
        const cams = { width: edge, height: edge, maps };
        await writeCams(
          `${folder}/cams`,
          name,
          wrong === "no-cams" ? { scores: label } : { cams },
          writeAtomic,
        );
        if (wrong === "missing") await Deno.remove(camFile(`${folder}/cams`, name));
      }
      return finishedArtifact(ARTIFACTS.cams, {
        cams: "cams",
        split,
        dataset: use,
        base,
        classes: classes ?? dataset.classes,
        longSide,
      });
    },
  }),
});

/** A bump at a random place, 0..1. */
function randomMap(name: string, c: number, side: number): Float32Array {
  const rng = Rng.of(7, name, c);
  const cx = side * rng.float(), cy = side * rng.float();
  return Float32Array.from({ length: side * side }, (_, i) => {
    const squared = (i % side - cx) ** 2 + (Math.floor(i / side) - cy) ** 2;
    return Math.exp(-squared / (side * side / 8)) * (0.9 + 0.1 * rng.float());
  });
}
