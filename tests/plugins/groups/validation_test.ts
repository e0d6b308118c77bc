import { assertEquals } from "@std/assert";
import { inTempFolder } from "../../command.ts";
import { filesOf, runGroup, TRAINING } from "./setup.ts";

/** Seven images are no even share; the number decides what is best and when to stop. */
const VALIDATED = TRAINING.trimEnd() + `
    validate: { split: "val[0:7]", metric: [multilabel, { use: miou, alpha: 0.3 }], every: 1, unit: steps }
    best: { by: miou, patience: 3 }
    cams: { split: "val[0:7]", images: 3, every: 1, unit: steps }
`;

Deno.test("2 workers validate to the same numbers as one thread: the best, the end and every bit of them, and of CAMs on the way", async () => {
  await inTempFolder(async (folder) => {
    await runGroup(`${folder}/single`, { recipe: VALIDATED });
    await runGroup(`${folder}/2`, { recipe: VALIDATED, count: 2 });
    const [single, shared] = [
      await filesOf(`${folder}/single`, "seam"),
      await filesOf(`${folder}/2`, "seam"),
    ];
    assertEquals(shared, single);
    assertEquals("checkpoints/best.json" in single, true);
    const cams = Object.keys(single).filter((path) => /^cams\/step-\d+\//.test(path));
    assertEquals(cams.length, 3 * 3, "of the first step, the newest and the one before");
  });
});
