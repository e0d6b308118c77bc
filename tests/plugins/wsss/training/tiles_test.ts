import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { definePlugin } from "seamstress";
import { checkMicroBatches } from "seamstress/testing";
import { contextOfPieces, mergeTiles, splitTiles, tiledPass } from "seamstress/wsss";
import * as z from "zod";
import { eachBackend } from "../../../backends.ts";
import { trainingPass } from "../../heads/setup.ts";
import { batchOf, makeModel } from "../../methods/setup.ts";

const GRID = { rows: 2, columns: 3 };

eachBackend(
  "tiles come row by row, all samples' first ones in front, and go back to where they were",
  async () => {
    const image = tf.tidy(() => tf.reshape<tf.Rank.R4>(tf.range(0, 2 * 4 * 6 * 3), [2, 4, 6, 3]));
    const tiles = splitTiles(image, GRID);
    assertEquals(tiles.shape, [12, 2, 2, 3]);
    // Sample 1's tile of row 1 and column 2 begins at its pixel (2, 4).
    const last = (await tiles.data())[11 * 2 * 2 * 3];
    assertEquals(last, ((1 * 4 + 2) * 6 + 4) * 3);
    const merged = mergeTiles(tiles, GRID);
    assertEquals([...await merged.data()], [...await image.data()]);
    tf.dispose([image, tiles, merged]);
  },
);

eachBackend("what does not divide into tiles is refused with its sizes", () => {
  const image = tf.zeros<tf.Rank.R4>([1, 4, 5, 3]);
  assertThrows(
    () => splitTiles(image, GRID),
    RangeError,
    "Cannot cut 4x5 into 2x3 tiles of one size",
  );
  assertThrows(() => mergeTiles(image, GRID), RangeError, "Cannot put 1 tiles together");
  image.dispose();
});

/** Maps of samples 0 to 7 by their tiles, in micro-batches, with dropout. */
async function mapsBy(
  size: number,
  context: (from: number, samples: number) => ReturnType<typeof trainingPass>,
): Promise<number[]> {
  const model = await makeModel("cam", { dropout: 0.5 });
  const maps: number[] = [];
  for (let from = 0; from < 8; from += size) {
    const { image, targets } = batchOf(from, from + size, [16, 24]);
    const cam = tf.tidy(() => {
      const tiles = splitTiles(image, GRID);
      return mergeTiles(model.forward(tiles, context(from, size))["cam"]!, GRID);
    });
    maps.push(...await cam.data());
    tf.dispose([image, targets, cam]);
  }
  model.params.dispose();
  return maps;
}

eachBackend(
  "each tile of a sample draws for itself, and the same bits in every micro-batch",
  async () => {
    const right = (from: number, samples: number) =>
      contextOfPieces(trainingPass(1, from), samples);
    const whole = await mapsBy(8, right);
    for (const size of [4, 2, 1]) assertEquals(await mapsBy(size, right), whole, `by ${size}`);
    // The samples' own context, which is the obvious one to pass, is wrong.
    const naive = (from: number) => trainingPass(1, from);
    assertNotEquals(await mapsBy(2, naive), await mapsBy(8, naive));
    const once = contextOfPieces(trainingPass(1), 4);
    const drawn = Array.from({ length: 24 }, (_, row) => once.rng(row, "dropout").normal());
    assertEquals(new Set(drawn).size, 24, "two tiles draw the same");
  },
);

eachBackend("tiledPass() puts every output of a head together", async () => {
  const model = await makeModel("puzzle-cam", { dropout: 0 });
  const { image, targets } = batchOf(0, 2, [16, 24]);
  const before = tf.memory().numTensors;
  const outputs = tiledPass(model, image, { rows: 2, columns: 2 }, trainingPass(0));
  assertEquals(Object.entries(outputs).map(([name, map]) => [name, map.shape]), [
    ["cam", [2, 16, 24, 4]],
    ["cam_tap", [2, 4, 6, 4]],
    ["cam_positive", [2, 4, 6, 4]],
  ]);
  assertEquals(tf.memory().numTensors, before + 3, "tensors were left behind");
  // A tile's maps are those of the tile alone.
  const corner = tf.tidy(() => {
    const tile = tf.slice(image, [1, 8, 12, 0], [1, 8, 12, 3]);
    const alone = model.forward(tile, trainingPass(0))["cam_tap"]!;
    const there = tf.slice(outputs["cam_tap"]!, [1, 2, 3, 0], [1, 2, 3, 4]);
    return tf.max(tf.abs(tf.sub(alone, there)));
  });
  const [off] = await corner.data();
  assert(off! < 1e-6, String(off));
  tf.dispose([corner, outputs as tf.NamedTensorMap]);
  tf.dispose([image, targets]);
  model.params.dispose();
});

/** Puzzle-CAM's step as one would write it first: the tiles' pass takes the samples' context. */
const naive = definePlugin({
  kind: "method",
  name: "naive",
  summary: "tiles that draw by their row",
  options: z.strictObject({}),
  create: () => ({
    provides: [],
    needs: [],
    step({ image, targets }, { model, context }) {
      const outputs = model.forward(splitTiles(image, GRID), context(0));
      const views = [{ cam: mergeTiles(outputs["cam"]!, GRID) }];
      return { targets, views };
    },
  }),
});

Deno.test("tiles that draw by their row have other losses in every micro-batch", async () => {
  const training = {
    plugins: [naive],
    recipe: { dataset: { use: "mini", size: 24 } },
    train: { head: { use: "cam", dropout: 0.5 }, method: "naive", losses: ["classification"] },
  };
  await assertRejects(() => checkMicroBatches(training), Error, "is another in micro-batches of 1");
});
