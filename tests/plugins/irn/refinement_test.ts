import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { readMask } from "../../../plugins/images/mask_store.ts";
import { boundaryWalk } from "../../../plugins/irn/boundary/boundary_walk.ts";
import { confidentMask } from "../../../plugins/irn/irn_labels.ts";
import { madeCamsStage } from "../stages/made_cams.ts";
import { network, refusing, runScene, withFolder } from "../stages/scene.ts";

const SPLIT = "train[0:4]";
const NAMES = Array.from({ length: 4 }, (_, i) => `mini_000${i}`);
const plugins = [madeCamsStage];

const cams = { id: "cams", run: "made-cams", split: SPLIT };
const refined = (id: string, alpha: number) => ({
  id,
  run: "refine",
  from: "cams",
  refinements: [{ use: "threshold", alpha }, "hard-labels", { use: "dense-crf", workers: 0 }],
});
const LABELS = { id: "labels", run: "irn-labels", foreground: "high", background: "low" };
const IRN = {
  id: "irn",
  run: "untrained",
  backbone: "tiny",
  head: { use: "irn", width: 16 },
};
const walked = (options: Record<string, unknown> = {}) => ({
  id: "walk",
  run: "refine",
  from: "cams",
  refinements: [{ use: "boundary-walk", from: "irn", ...options }, {
    use: "threshold",
    alpha: 0.25,
  }],
});

Deno.test("irn-labels keeps what both thresholds agree on, and a training learns from it", async () => {
  await withFolder(async (folder) => {
    const { artifacts } = await runScene(folder, [
      cams,
      refined("high", 0.5),
      refined("low", 0.1),
      LABELS,
      {
        id: "train",
        run: "train",
        split: SPLIT,
        masks: "labels",
        backbone: "tiny",
        head: { use: "irn", width: 16 },
        method: { use: "irn", radius: 3 },
        losses: ["affinity", { use: "displacement", radius: 3 }],
        optimizer: { use: "sgd", lr: 0.01 },
        batch: { size: 2 },
        epochs: 1,
        workers: 0,
        transforms: ["flip", "normalize"],
      },
    ], { plugins });
    assertEquals([artifacts.get("labels")!.kind, artifacts.get("train")!.kind], [
      "masks",
      "checkpoint",
    ]);
    const seen = new Set<number>();
    for (const name of NAMES) {
      const [labels, high, low] = await Promise.all(
        ["labels", "high", "low"].map((id) => readMask(`${folder}/${id}/masks`, name, 6)),
      );
      labels!.data.forEach((label, i) => {
        const [sure, faint] = [high!.data[i]!, low!.data[i]!];
        assertEquals(label, sure > 0 ? sure : faint > 0 ? 255 : 0);
        seen.add(label);
      });
    }
    assert(seen.has(0) && seen.has(255) && seen.size > 2, [...seen].join());
  });
});

Deno.test("masks of different sizes make no labels", () => {
  const mask = (width: number) => ({ width, height: 1, channels: 1, data: new Uint8Array(width) });
  const error = assertThrows(() => confidentMask(mask(2), mask(3)), RangeError, "is 2x1");
  assert(isUserError(error));
});

Deno.test("boundary-walk changes masks by the network's boundaries, and gives the same ones again", async () => {
  await withFolder(async (folder) => {
    const plain = { ...walked(), id: "plain", refinements: [{ use: "threshold", alpha: 0.25 }] };
    await runScene(folder, [cams, IRN, walked(), { ...walked(), id: "again" }, plain], { plugins });
    let changed = 0;
    for (const name of NAMES) {
      const [walk, again, before] = await Promise.all(
        ["walk", "again", "plain"].map((id) => readMask(`${folder}/${id}/masks`, name, 6)),
      );
      assertEquals([walk!.width, walk!.height], [32, 32]);
      assertEquals(walk, again);
      changed += walk!.data.filter((label, i) => label !== before!.data[i]).length;
    }
    assert(changed > 0);
  });
});

Deno.test("boundary-walk refuses networks without boundaries, bad options, and a chain without background", async () => {
  await withFolder(async (folder) => {
    const refuse = refusing(folder, { plugins });
    await refuse(
      [cams, { ...network("irn", "cam") }, walked()],
      TypeError,
      'Cannot plan stage walk: a walk within boundaries reads the output boundary, the head of stage "irn" gives cam',
    );
    for (const option of [{ beta: 0 }, { logt: 17 }, { radius: 1 }, { steps: 4 }]) {
      await refuse([cams, IRN, walked(option)], TypeError, Object.keys(option)[0]!);
    }
    const bare = { ...walked(), refinements: [{ use: "boundary-walk", from: "irn" }] };
    await refuse([cams, IRN, bare], TypeError, "its scores have no background");
    const late = { ...walked(), refinements: ["hard-labels", { use: "threshold" }] };
    await refuse([cams, IRN, late], TypeError, "hard-labels needs a background");
    await refuse(
      [cams, refined("high", 0.5), { ...LABELS, background: "cams" }],
      TypeError,
      '"cams"',
    );
  });
});

Deno.test("a walk stays within boundaries, and a map without scores stays as it is", () => {
  // A wall between the left and the right of a map of 8x4 positions.
  const boundaries = {
    width: 8,
    height: 4,
    data: Float32Array.from({ length: 32 }, (_, i) => i % 8 === 4 ? 1 : 0),
  };
  const data = Float32Array.from({ length: 8 * 16 * 4 }, (_, i) => i % 32 < 4 ? 1 : 0);
  const scores = { channels: 1, height: 16, width: 32, data };
  const { data: found } = boundaryWalk(scores, boundaries);
  const at = (x: number, y: number) => found[y * 32 + x]!;
  assertAlmostEquals(Math.max(...found), 1, 1e-6);
  for (let y = 0; y < 16; y++) {
    assert(at(0, y) > 0.99 && at(12, y) > 0.9, `${at(0, y)}, ${at(12, y)}`);
    assertEquals([at(22, y), at(31, y)], [0, 0]);
  }
  const nothing = { ...scores, data: new Float32Array(data.length) };
  assertEquals(boundaryWalk(nothing, boundaries), nothing);
  assertThrows(
    () => boundaryWalk(scores, { ...boundaries, width: 4, height: 8 }),
    RangeError,
    "need boundaries of 8x4, given are 4x8",
  );
  const wrong = boundaries.data.with(3, NaN);
  assertThrows(
    () => boundaryWalk(scores, { ...boundaries, data: wrong }),
    RangeError,
    "boundary 3 is NaN",
  );
});
