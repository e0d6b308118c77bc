import { assert, assertAlmostEquals } from "@std/assert";
import { encodeIndexedPng } from "../../../plugins/images/png.ts";
import { vocPalette } from "../../../plugins/images/voc_palette.ts";
import { readResult } from "../../../plugins/wsss/scores/result.ts";
import { pythonTest, runPython } from "../../python.ts";
import { network, runScene, withFolder } from "./scene.ts";
import { infer, open, plugins, score, SPLIT } from "./interchange/setup.ts";

/** What the authors' `evaluation.py --type npy --t T` measures of a folder, by NumPy and Pillow. */
const THEIR_EVALUATION = `
import sys, os, numpy as np
from PIL import Image
cams, masks, classes, t = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
confusion = np.zeros((classes + 1, classes + 1), np.int64)
for file in sorted(os.listdir(cams)):
    maps = np.load(os.path.join(cams, file), allow_pickle=True).item()
    truth = np.array(Image.open(os.path.join(masks, file[:-4] + ".png")))
    scores = np.zeros((classes + 1,) + next(iter(maps.values())).shape, np.float32)
    scores[0] = t
    for c, m in maps.items():
        assert m.dtype == np.float32 and m.shape == truth.shape
        scores[c + 1] = m
    guess = scores.argmax(0)
    known = truth < 255
    np.add.at(confusion, (truth[known], guess[known]), 1)
right = confusion.diagonal()
print(repr(float(np.mean(right / (confusion.sum(0) + confusion.sum(1) - right + 1e-10)) * 100)))
`;

pythonTest(
  "a CAM folder written here gets the same mIoU from NumPy's reading of the authors' evaluation",
  ["numpy", "PIL"],
  async () => {
    await withFolder(async (folder) => {
      await runScene(folder, [
        network("net", "seam"),
        infer,
        score("cams"),
        { id: "npy", run: "export-cams", from: "cams" },
      ], { plugins });
      const dataset = await open();
      await Deno.mkdir(`${folder}/masks`);
      for (let i = 0; i < dataset.length; i++) {
        const { mask } = await dataset.read(i, { mask: true });
        const png = encodeIndexedPng(mask!, vocPalette());
        await Deno.writeFile(`${folder}/masks/${dataset.name(i)}.png`, png);
      }
      const classes = String(dataset.classes.length);
      const args = [`${folder}/npy/npy`, `${folder}/masks`, classes, "0.3"];
      const theirs = Number(await runPython(THEIR_EVALUATION, ...args));
      const { table } = await readResult(`${folder}/cams-score`);
      assertAlmostEquals(table.summary["miou"]!, theirs, 1e-9);
    });
  },
);

pythonTest("CAM files that NumPy wrote score as NumPy says", ["numpy"], async () => {
  const dataset = await open();
  await withFolder(async (folder) => {
    const names = Array.from({ length: dataset.length }, (_, i) => dataset.name(i));
    // The first half of each image's columns is the map's maximum: what is right can be counted by hand.
    const script = `
import sys, numpy as np
for name in sys.argv[2:]:
    m = np.zeros((32, 32), np.float32); m[:, :16] = 1
    np.save(f"{sys.argv[1]}/{name}.npy", {c: m if c == 2 else m * 0.1 for c in range(6)})
`;
    await runPython(script, folder, ...names);
    const stages = [{ id: "theirs", run: "import-cams", cams: folder, split: SPLIT }];
    await runScene(`${folder}/run`, [...stages, score("theirs")], { plugins });
    let right = 0, truth = 0, predicted = 0;
    for (let i = 0; i < dataset.length; i++) {
      const { mask } = await dataset.read(i, { mask: true });
      mask!.data.forEach((label, p) => {
        if (label === 255) return;
        const left = p % 32 < 16;
        if (left) predicted++;
        if (label === 3) truth++;
        if (left && label === 3) right++;
      });
    }
    const { table } = await readResult(`${folder}/run/theirs-score`);
    assert(right > 0, "the split must show the class");
    const iou = truth + predicted === 0 ? 0 : 100 * right / (truth + predicted - right);
    assertAlmostEquals(table.rows[3]![1] as number, iou, 1e-6);
  });
});
