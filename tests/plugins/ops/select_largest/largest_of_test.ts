import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { largestOf } from "../../../../plugins/ops/select_largest/largest_of.ts";
import { eachBackend } from "../../../backends.ts";

eachBackend("largestOf() marks exactly k of each row, the first of equal ones", async () => {
  const rows = tf.tensor2d([[1, 3, 3, 3, 0], [-1, -5, -1, -2, -1]]);
  const marks = async (k: number) => [...await largestOf(rows, k).data()].join("");
  assertEquals(await marks(0), "0000000000");
  assertEquals(await marks(2), "0110010100");
  assertEquals(await marks(4), "1111010111");
  assertEquals(await marks(5), "1111111111");
  for (const k of [-1, 1.5, 6]) {
    assertThrows(() => largestOf(rows, k), RangeError, `Cannot mark the ${k} largest of 5`);
  }
});
