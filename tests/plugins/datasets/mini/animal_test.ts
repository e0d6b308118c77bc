import { assertEquals } from "@std/assert";
import { partAt } from "../../../../plugins/datasets/mini/animal.ts";

Deno.test("partAt() gives body and legs the same whatever the head", () => {
  const points = [[0, 0], [-0.94, 0], [0, 0.49], [-0.6, 0.85], [0.25, 0.6], [0.65, 0.89]] as const;
  for (const [u, v] of points) {
    assertEquals([partAt(false, u, v), partAt(true, u, v)], ["body", "body"], `${u}, ${v}`);
  }
  for (const [u, v] of [[0, 0.6], [-0.6, 0.91], [0, -0.51], [-0.96, 0], [-0.8, -0.42]] as const) {
    assertEquals([partAt(false, u, v), partAt(true, u, v)], ["none", "none"], `${u}, ${v}`);
  }
});

Deno.test("partAt() stripes the head: light across for bars, dark downwards for bands", () => {
  const across = [0.4, 0.5, 0.7, 0.9, 1.1, 1.2].map((u) => partAt(false, u, -0.42));
  assertEquals(across, ["light", "light", "body", "light", "body", "body"]);
  assertEquals([0.4, 0.7, 1.2].map((u) => partAt(true, u, -0.415)), ["dark", "dark", "dark"]);
  const down = [-0.8, -0.7, -0.6, -0.5, -0.3, -0.1].map((v) => partAt(true, 0.81, v));
  assertEquals(down, ["dark", "dark", "body", "body", "dark", "body"]);
  assertEquals([-0.8, -0.6, -0.1].map((v) => partAt(false, 0.81, v)), ["light", "light", "light"]);
});
