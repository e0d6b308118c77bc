import { assertEquals } from "@std/assert";
import { countPairs, noPairs } from "../../bench/random_walk/count_pairs.ts";
import { mapClasses } from "../../bench/random_walk/map_classes.ts";

Deno.test("a pixel of the map has the class in the middle of its square, at the border the nearest one", () => {
  const mask = { width: 10, height: 9, channels: 1, data: new Uint8Array(90) };
  mask.data[4 * 10 + 4] = 1;
  mask.data[4 * 10 + 9] = 2;
  mask.data[8 * 10 + 9] = 255;
  assertEquals(mapClasses(mask, 8), {
    rows: 2,
    columns: 2,
    data: Uint8Array.of(1, 2, 0, 255),
  });
});

Deno.test("pairs are counted by what the labels and what the true masks say of them", () => {
  const _ = 255;
  // deno-fmt-ignore
  const labels = [
    _, 1, 1, _, _,
    0, 2, _, _, _,
    _, _, _, _, _,
    _, _, 0, 0, _,
    _, _, _, _, _,
  ];
  // deno-fmt-ignore
  const truth = [
    _, 1, 0, _, _,
    0, 1, 1, _, _,
    _, _, _, _, _,
    _, _, 0, 0, _,
    _, _, _, _, _,
  ];
  const map = (data: number[]) => ({ rows: 5, columns: 5, data: Uint8Array.from(data) });
  const counts = noPairs();
  countPairs(counts, map(labels), map(truth));
  // Radius 2: 12 first pixels of 4 pairs each, right, and below from left to right.
  assertEquals(counts, {
    background: { background: 1, foreground: 0, negative: 0, ignored: 0 },
    foreground: { background: 0, foreground: 0, negative: 1, ignored: 0 },
    negative: { background: 0, foreground: 1, negative: 2, ignored: 0 },
    ignored: { background: 0, foreground: 2, negative: 1, ignored: 40 },
  });
});
