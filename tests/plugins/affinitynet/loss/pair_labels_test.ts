import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../../../core/rng.ts";
import { pairRows } from "../../../../plugins/affinitynet/head/infer.ts";
import { type PairKind, pairLabels } from "../../../../plugins/wsss/pairs/pair_labels.ts";
import { pixelPairs } from "../../../../plugins/wsss/pairs/pairs.ts";
import { eachBackend } from "../../../backends.ts";

function kindOf(a: number, b: number): PairKind | undefined {
  if (a === 255 || b === 255) return undefined;
  if (a !== b) return "negative";
  return a === 0 ? "background" : "foreground";
}

eachBackend("pairLabels() sorts every pair of the walk's list", async () => {
  for (
    const [samples, height, width, radius] of [[2, 7, 11, 5], [1, 4, 6, 3], [3, 2, 3, 2]] as const
  ) {
    const rng = Rng.of(1, "labels", height);
    const pixels = height * width;
    const data = Int32Array.from(
      { length: samples * pixels },
      () => [0, 0, 1, 2, 254, 255][rng.integer(6)]!,
    );
    const labels = tf.tensor3d(data, [samples, height, width], "int32");
    const before = tf.memory().numTensors;
    const found = pairLabels(labels, radius);
    assertEquals(tf.memory().numTensors, before + 3);
    const { from, to } = pixelPairs(height, width, radius);
    for (const [kind, tensor] of Object.entries(found)) {
      const wanted = Array.from({ length: samples }, (_, n) =>
        Array.from(to, (b, pair) => {
          const at = (pixel: number) => data[n * pixels + pixel]!;
          return Number(kindOf(at(from[pair % from.length]!), at(b)) === kind);
        })).flat();
      assertEquals([...await pairRows(tensor)], wanted, `${kind} of ${height}x${width}`);
      if (samples * pixels > 100) assert(wanted.includes(1), `no ${kind} pair to find`);
    }
    tf.dispose([labels, found]);
  }
});
