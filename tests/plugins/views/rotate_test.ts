import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../../core/rng.ts";
import { rotation } from "../../../plugins/views/rotate.ts";
import { applySparseMap } from "../../../plugins/views/sparse_map.ts";
import { eachBackend } from "../../backends.ts";
import { assertNear, build, randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";
import { makeView, rowsOf } from "./setup.ts";

eachBackend("rotation by a quarter turns anticlockwise", async () => {
  const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
  const rows = await rowsOf(applySparseMap(rotation(3, 3, Math.PI / 2), x));
  assertEquals(rows.map((row) => row.map(Math.round)), [[3, 6, 9], [2, 5, 8], [1, 4, 7]]);
});

eachBackend("rotation samples bilinearly, with zeros outside", async () => {
  const maps = randomMaps("x", [2, 5, 8, 3]);
  const [, height, width, channels] = maps.shape;
  const radians = 0.4, cos = Math.cos(radians), sin = Math.sin(radians);
  const at = (n: number, row: number, column: number, c: number) =>
    row < 0 || column < 0 || row >= height || column >= width
      ? 0
      : maps.data[((n * height + row) * width + column) * channels + c]!;
  const wanted = build(maps.shape, (n, pixel, c) => {
    const x = pixel % width - 3.5, y = Math.floor(pixel / width) - 2;
    const column = cos * x - sin * y + 3.5, row = sin * x + cos * y + 2;
    const [left, top] = [Math.floor(column), Math.floor(row)];
    const [u, v] = [column - left, row - top];
    const upper = (1 - u) * at(n, top, left, c) + u * at(n, top, left + 1, c);
    const lower = (1 - u) * at(n, top + 1, left, c) + u * at(n, top + 1, left + 1, c);
    return (1 - v) * upper + v * lower;
  });
  const y = applySparseMap(rotation(height, width, radians), tensorOf(maps));
  assertNear(await y.data<"float32">(), wanted.data, 1e-6, "rotation");
});

eachBackend("rotate by 0 degrees changes nothing", async () => {
  const x = tensorOf(randomMaps("x", [1, 4, 7, 2]));
  const y = (await makeView("rotate", { degrees: 0 })).draw(Rng.of(3)).apply(x);
  assertEquals(await y.data(), await x.data());
});

eachBackend("rotate draws angles of both signs within its bound", async () => {
  const view = await makeView("rotate", { degrees: 45 });
  // A column through the centre: where its lowest pixel goes shows the angle.
  const x = tf.tensor4d(Float32Array.from({ length: 81 }, (_, i) => Number(i === 76)), [
    1,
    9,
    9,
    1,
  ]);
  const lefts = new Set<boolean>();
  for (let step = 0; step < 20; step++) {
    const rows = await rowsOf(view.draw(Rng.of(2, step)).apply(x));
    const column = rows.flatMap((row) => row.map((value, i) => value * (i - 4)))
      .reduce((sum, value) => sum + value, 0);
    lefts.add(column < 0);
    assert(Math.abs(column) < 4);
  }
  assertEquals(lefts.size, 2);
});
