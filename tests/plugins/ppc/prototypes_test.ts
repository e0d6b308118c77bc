import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { pixelScores, prototypesOf, pseudoLabels } from "../../../plugins/ppc/loss/prototypes.ts";
import { pixelWeights, semiHardPrototypes } from "../../../plugins/ppc/loss/semi_hard.ts";
import { eachBackend } from "../../backends.ts";

/** Two images of 2x2 pixels, background and two classes; the second class is nowhere. */
const cam = () =>
  tf.tensor4d(
    [
      [[[9, 0, -1], [9, 1, -2]], [[9, 2, -3], [9, 4, -4]]],
      [[[9, 3, -1], [9, 3, -1]], [[9, 3, -1], [9, 5, -1]]],
    ],
  );

eachBackend(
  "ppc scales each map by its own extremes and gives the background a constant",
  async () => {
    const scores = await pixelScores(cam(), 0.2).data<"float32">();
    const of = (channel: number) => [...scores].filter((_, i) => i % 3 === channel);
    of(0).forEach((score) => assertAlmostEquals(score, 0.2, 1e-6));
    // The least pixels of an image whose every pixel is active end far below 0, as the authors' do.
    [0, 0.25, 0.5, 1, -1.5, -1.5, -1.5, 1].forEach((score, i) =>
      assertAlmostEquals(of(1)[i]!, score, 1e-4)
    );
    // A map that is 0 throughout is (0 − 1e-5) / 1e-5.
    of(2).forEach((score) => assertAlmostEquals(score, -1, 1e-5));
  },
);

eachBackend("ppc labels pixels by the classes that their image shows", async () => {
  const classes = async (label: number[][]) => {
    const marks = pseudoLabels(pixelScores(cam(), 0.2), tf.tensor2d(label));
    return [...await tf.argMax(marks, 1).data()];
  };
  assertEquals(await classes([[1, 0], [1, 0]]), [0, 1, 1, 1, 0, 0, 0, 1]);
  assertEquals(await classes([[0, 0], [0, 1]]), [0, 0, 0, 0, 0, 0, 0, 0]);
});

eachBackend(
  "ppc makes prototypes of the batch's strongest pixels, of equal ones the first",
  async () => {
    const features = tf.tensor2d([[1, 0], [2, 0], [3, 0], [0, 4], [0, 1], [0, 2], [1, 1], [3, 4]]);
    const found = await prototypesOf(features, pixelScores(cam(), 0.2), 2).array();
    const unit = (x: number, y: number) => [x / Math.hypot(x, y), y / Math.hypot(x, y)];
    const wanted = [
      unit(3, 0), // pixels 0 and 1
      unit(3, 8), // pixels 3 and 7, of score 1 both
      unit(3, 0), // all are -1: pixels 0 and 1, and the sum's sign
    ];
    found.flat().forEach((value, i) => assertAlmostEquals(value, wanted.flat()[i]!, 1e-4));
  },
);

eachBackend(
  "ppc pushes a pixel of 21 classes from the fourth to the thirteenth prototype",
  async () => {
    const row = [...Array(21).keys()].map((i) => (i * 8) % 21);
    const marks = semiHardPrototypes(tf.tensor2d([row]), { hardest: 0.6, used: 0.5 });
    const kept = [...await marks.data()].flatMap((mark, i) => mark === 1 ? [row[i]!] : []);
    assertEquals(kept.sort((a, b) => b - a), [17, 16, 15, 14, 13, 12, 11, 10, 9, 8]);
  },
);

eachBackend(
  "ppc counts half of a class at random and half of the hard ones but the hardest",
  async () => {
    // Ten pixels of class 0, one of class 1, none of class 2.
    const places = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0];
    const classes = tf.oneHot(tf.tensor1d(places, "int32"), 3).toFloat() as tf.Tensor2D;
    const similarity = tf.tensor1d([5, 1, 4, 2, 3, 0, 9, 8, 7, 6, 5]);
    const draw = () => tf.tensor1d([0, 1, 2, 3, 4, 0, 5, 6, 7, 8, 9]);
    const of = async (
      choice: "random-and-hard" | "hard" | "all",
    ) => [
      ...await pixelWeights(classes, similarity, choice, { hardest: 0.6, used: 0.5 }, draw).data(),
    ];
    const near = (found: readonly number[], wanted: readonly number[]) =>
      found.forEach((value, i) => assertAlmostEquals(value, wanted[i]!, 1e-6));
    // Six of ten are hard: 1, 2, 3, 4, 5, 5; the hardest is not used. Two classes have pixels.
    const hard = [1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1], random = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0];
    near(await of("hard"), hard.map((mark) => mark / 5 / 2));
    near(await of("random-and-hard"), hard.map((mark, i) => (mark + random[i]!) / 10 / 2));
    near(await of("all"), places.map((place) => place === 0 ? 1 / 20 : 1 / 2));
  },
);
