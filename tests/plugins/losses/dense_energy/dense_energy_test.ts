import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { FIRST_STEP } from "../../../../core/trainer/training_state.ts";
import { denseEnergy } from "../../../../plugins/losses/dense_energy/energy.ts";
import { checkGradient, uniform } from "../../../../plugins/testing/mod.ts";
import { eachBackend } from "../../../backends.ts";
import { denseKernel, filtered } from "../../ops/gaussian_filter/brute_force.ts";
import { assertNear, build, type Maps, randomMaps } from "../numeric.ts";
import { makeLoss, tensorOf } from "../setup.ts";

const SAMPLES = 2, HEIGHT = 11, WIDTH = 14, CLASSES = 3, PIXELS = HEIGHT * WIDTH;
/** At scale 0.5, rounded down. */
const ROWS = 5, COLUMNS = 7;
const OPTIONS = { sigmaRgb: 60, sigmaXy: 6, factor: 0.01 };

/** Where each of the reduced places reads the map: PyTorch's `nearest`. */
const source = (place: number) =>
  Math.floor(Math.floor(place / COLUMNS) * HEIGHT / ROWS) * WIDTH +
  Math.floor(place % COLUMNS * WIDTH / COLUMNS);

/** PyTorch's bilinear resize without aligned corners, of one map. */
function bilinear(map: (row: number, column: number) => number): Float64Array {
  const taps = (at: number, from: number, to: number): [number, number, number] => {
    const x = Math.max((at + 0.5) * from / to - 0.5, 0), low = Math.floor(x);
    return [low, Math.min(low + 1, from - 1), x - low];
  };
  return Float64Array.from({ length: ROWS * COLUMNS }, (_, place) => {
    const [top, bottom, down] = taps(Math.floor(place / COLUMNS), HEIGHT, ROWS);
    const [left, right, across] = taps(place % COLUMNS, WIDTH, COLUMNS);
    const line = (row: number) => (1 - across) * map(row, left) + across * map(row, right);
    return (1 - down) * line(top) + down * line(bottom);
  });
}

interface Batch {
  readonly soft: Maps;
  readonly colours: Maps;
  readonly inside: Uint8Array;
  readonly mask: Int32Array;
}

/** A third of the pixels outside of the photograph, another third without a sure label. */
function batch(): { scores: Maps } & Omit<Batch, "soft"> {
  const third = (name: string) =>
    [...randomMaps(name, [SAMPLES, HEIGHT, WIDTH, 1]).data].map((x) => x < -1 / 3);
  return {
    scores: randomMaps("scores", [SAMPLES, HEIGHT, WIDTH, CLASSES], [-3, 3]),
    colours: randomMaps("colours", [SAMPLES, HEIGHT, WIDTH, 3], [0, 1]),
    inside: Uint8Array.from(third("outside"), (is) => is ? 0 : 1),
    mask: Int32Array.from(third("unsure"), (is, i) => is ? 255 : i % CLASSES),
  };
}

function softmax(scores: Maps): Maps {
  return build(scores.shape, (n, pixel, c) => {
    const start = (n * PIXELS + pixel) * CLASSES;
    const powers = [...scores.data.subarray(start, start + CLASSES)].map(Math.exp);
    return powers[c]! / powers.reduce((sum, x) => sum + x);
  });
}

/** The authors' formula in float64, every pixel with every other. */
function reference({ soft, colours, inside, mask }: Batch): number {
  let energy = 0;
  for (let n = 0; n < SAMPLES; n++) {
    const points = Array.from({ length: ROWS * COLUMNS }, (_, place) => {
      const colour = [0, 1, 2].map((c) => colours.data[(n * PIXELS + source(place)) * 3 + c]!);
      const { sigmaXy, sigmaRgb } = OPTIONS;
      const position = [place % COLUMNS, Math.floor(place / COLUMNS)].map((x) => x / sigmaXy / 0.5);
      return [...position, ...colour.map((x) => 255 * x / sigmaRgb)];
    });
    const kernel = denseKernel(points.flat(), 5);
    const maps = Array.from(
      { length: CLASSES },
      (_, c) =>
        bilinear((row, column) => soft.data[(n * PIXELS + row * WIDTH + column) * CLASSES + c]!),
    );
    const within = points.map((_, place) => inside[n * PIXELS + source(place)]!);
    const gate = points.map((_, place) => {
      if (mask[n * PIXELS + source(place)] === 255) return 1;
      return Math.max(within[place]! - Math.max(...maps.map((map) => map[place]!)), 0);
    });
    for (const map of maps) {
      const s = map.map((x, place) => x * within[place]!);
      const sums = filtered(kernel, s);
      s.forEach((x, place) => energy -= gate[place]! * x * sums[place]!);
    }
  }
  return OPTIONS.factor * energy / SAMPLES;
}

eachBackend("dense energy equals the authors' formula with every pair of pixels", async () => {
  const loss = await makeLoss("dense-energy", OPTIONS);
  const { scores, ...rest } = batch();
  const tensors = [tensorOf(scores), tensorOf(rest.colours)] as const;
  const size: [number, number, number] = [SAMPLES, HEIGHT, WIDTH];
  const value = tf.tidy(() =>
    loss.compute({
      targets: { mask: tf.tensor3d(rest.mask, size, "int32") },
      views: [{ segmentation: tensors[0] }],
      provided: { colours: tensors[1], inside: tf.tensor3d(rest.inside, size, "bool") },
    }, FIRST_STEP)
  );
  const wanted = reference({ ...rest, soft: softmax(scores) });
  assertNear(await value.data(), [wanted], 1e-5, "energy");
  tf.dispose([value, ...tensors]);
});

const rows = (name: string, shape: [number, number, number]) => {
  const { data } = randomMaps(name, [1, ...shape], [0, 1]);
  return () => tf.tensor3d(Float32Array.from(data), shape);
};
const points = rows("points", [2, 30, 5]);
const inside = rows("inside", [2, 30, 1]);
const gate = rows("gate", [2, 30, 1]);

Deno.test("dense energy: the gradient is the derivative, with what pixels count as constants", async () => {
  await checkGradient(
    ({ soft }) =>
      denseEnergy(
        soft as tf.Tensor3D,
        { points: points(), inside: inside(), gate: gate() },
        "exact",
      ),
    { soft: uniform([2, 30, 4], [0, 1]) },
  );
});

eachBackend("dense energy: the authors' gradient is twice each pixel's own part", async () => {
  const [p, one, g] = [points(), tf.ones<tf.Rank.R3>([2, 30, 1]), gate()];
  const soft = rows("soft", [2, 30, 4])();
  const slopeOf = (gate: tf.Tensor3D, slope: "exact" | "authors") =>
    tf.grad((x) => denseEnergy(x as tf.Tensor3D, { points: p, inside: one, gate }, slope))(soft);
  const [exact, authors, gated] = [
    slopeOf(one, "exact"),
    slopeOf(one, "authors"),
    slopeOf(g, "authors"),
  ];
  assertNear(await authors!.data(), await exact!.data(), 1e-6, "where all count alike");
  const own = tf.mul(exact!, g);
  assertNear(await gated!.data(), await own.data(), 1e-6, "where they count differently");
  tf.dispose([p, one, g, soft, exact!, authors!, gated!, own]);
});

Deno.test("dense energy: what is missing or wrong is said", async () => {
  const loss = await makeLoss("dense-energy");
  assertEquals(loss.needs, ["segmentation", "colours", "inside"]);
  const scores = () => tf.zeros<tf.Rank.R4>([1, 2, 2, 3]);
  const compute = (targets: Record<string, tf.Tensor>) =>
    tf.tidy(() => loss.compute({ targets, views: [{ segmentation: scores() }] }, FIRST_STEP));
  await tf.setBackend("cpu");
  assertThrows(
    () => compute({ label: tf.zeros([1, 2]) }),
    Error,
    "the method gave targets label, no mask",
  );
  assertThrows(
    () => compute({ mask: tf.zeros([1, 3, 3], "int32") }),
    Error,
    "scores of 1x2x2 pixels with a mask of 1x3x3",
  );
  assertThrows(
    () => compute({ mask: tf.zeros([1, 2, 2], "int32") }),
    Error,
    'on "inside": the method provides nothing',
  );
  for (
    const [options, message] of [
      [{ scale: 1.5 }, "scale"],
      [{ sigmaRgb: 0 }, "sigmaRgb"],
      [{ gradient: "none" }, "gradient"],
    ] as const
  ) await assertRejects(() => makeLoss("dense-energy", options), Error, message);
});
