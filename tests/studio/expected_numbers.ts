import { inferAffinity } from "../../plugins/affinitynet/head/infer.ts";
import { affinityOfPixel, walkFromPixel } from "../../plugins/affinitynet/random_walk/pixel.ts";
import type { BackendInfo } from "../../core/contracts/backend.ts";
import type { Raster } from "../../core/data/sample.ts";
import { Registry } from "../../core/registry/registry.ts";
import { readMarker } from "../../core/run/stages/marker.ts";
import { readArtifact } from "../../core/run/stages/artifact_info.ts";
import { networkPlugins } from "../../plugins/browser/network_plugins.ts";
import { ops } from "../../plugins/ops/list.ts";
import { imageBatch } from "../../plugins/wsss/inference/image_batch.ts";
import { loadModel } from "../../plugins/wsss/inference/loaded_model.ts";
import { inferPhotograph } from "../../plugins/wsss/inference/photograph.ts";
import { pixelAffinity, pixelVectors } from "../../plugins/wsss/pcm/pixel_affinity.ts";
import { ARTIFACTS } from "../../plugins/wsss/stages/artifacts.ts";
import { inferBoundaries } from "../../plugins/irn/head/infer.ts";
import {
  boundaryAffinityOfPixel,
  boundaryWalkFromPixel,
} from "../../plugins/irn/boundary/pixel.ts";
import { BOUNDARY_WALK, PIXELS, SIDE, WALK } from "./network_run.ts";

/** What the page must show. */
export interface Expected {
  /** Of the first image of the split, by pixel: title of the map → `[h*w]`. */
  readonly maps: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
  /** Of the photograph. */
  readonly probabilities: readonly number[];
  readonly shown: readonly number[];
  readonly cams: readonly (readonly number[])[];
}

const registry = new Registry(networkPlugins);

/** The network of a stage. */
async function networkOf(run: string, stage: string) {
  const folder = `${run}/stages/${stage}`;
  const { artifact } = (await readMarker(folder))!;
  return await loadModel(registry, readArtifact({ ...artifact!, folder }, ARTIFACTS.checkpoint)!);
}

/** Computes in Deno, on WebAssembly, by what runs and `cam` compute by. */
export async function expectedNumbers(
  run: string,
  image: Raster,
  photograph: Raster,
): Promise<Expected> {
  const wasm = await registry.create("backend", { use: "wasm" }, undefined);
  const backend: BackendInfo = await wasm.prepare(ops);
  using seam = await networkOf(run, "seam");
  using aff = await networkOf(run, "aff");
  using irn = await networkOf(run, "irn");
  const boundaries = await inferBoundaries(irn.model, image);
  using vectors = pixelVectors(seam.model, image);
  const input = imageBatch(image, [false], aff.model.backbone.input);
  const pairs = await inferAffinity(aff.model, input).finally(() => input.dispose());
  const maps: Record<string, Record<string, number[]>> = {};
  for (const [x, y] of PIXELS) {
    const place = ({ width, height }: { width: number; height: number }) =>
      Math.floor((y + 0.5) * height / SIDE) * width + Math.floor((x + 0.5) * width / SIDE);
    maps[`${x},${y}`] = {
      "PCM affinity": [...await pixelAffinity(vectors, place(vectors))],
      "AffinityNet affinity": [...affinityOfPixel(pairs, place(pairs))],
      "random walk": [...walkFromPixel(pairs, place(pairs), WALK)],
      "IRN affinity": [
        ...boundaryAffinityOfPixel(boundaries, place(boundaries), BOUNDARY_WALK.radius),
      ],
      "walk within boundaries": [
        ...boundaryWalkFromPixel(boundaries, place(boundaries), BOUNDARY_WALK),
      ],
    };
  }
  const { probabilities, shown, cams } = await inferPhotograph(
    seam.model,
    photograph,
    { classes: seam.classes.length, asked: [] },
    {
      scales: [0.5, 1],
      flip: true,
      longSide: 512,
      output: "cam_rv",
      normalize: "min-max",
      alpha: 0.35,
    },
    backend,
  );
  return { maps, probabilities, shown, cams: shown.map((c) => [...cams.get(c)!]) };
}
