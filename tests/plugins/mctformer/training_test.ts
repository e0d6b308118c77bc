import { assert, assertRejects } from "@std/assert";
import { checkMicroBatches, checkResume, miniRun } from "seamstress/testing";
import { TRAIN } from "./setup.ts";

Deno.test("a training of MCTformer that was broken off and resumed ends with the same bits", async () => {
  const { tensors } = await checkResume({ train: TRAIN });
  assert(tensors.includes("class_tokens") && tensors.includes("head.weight"));
});

Deno.test("a training of MCTformer does not depend on its micro-batches", async () => {
  const { compared } = await checkMicroBatches({ train: TRAIN });
  assert(compared.includes("gradient of class_tokens in step 2"), compared.join());
  // The authors read what the last block gives, behind which the last normalisation stands.
  assert(!compared.includes("gradient of norm.weight in step 2"));
});

Deno.test("what MCTformer trains gives CAMs of every kind", async () => {
  for (const output of ["cam", "attention", "cam_fused", "cam_rv"]) {
    const cams = { id: "cams", run: "infer", from: "train", split: "train[0:4]", output };
    const metric = { use: "miou", alpha: 0.3 };
    await using run = await miniRun({
      train: { ...TRAIN, epochs: 1 },
      stages: [cams, { id: "score", run: "evaluate", from: "cams", metric }],
    });
    assert(run.scores["score"]!["miou"]! > 0, output);
  }
});

const { tokens: _, ...WITHOUT_TOKENS } = TRAIN.backbone;

/** What a recipe may have wrong, and what is said of it. */
const WRONG: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
  [
    "another block's tokens",
    { head: { use: "mctformer", tokens: "blocks.2" } },
    "blocks.3, tokens",
  ],
  [
    "a vit without inner tokens",
    { backbone: WITHOUT_TOKENS },
    'no tokens "blocks.3"; valid: tokens',
  ],
  [
    "one class token",
    { backbone: { ...TRAIN.backbone, classTokens: "one" } },
    "it has 1 class tokens for 6 classes; vit has classTokens: classes",
  ],
  [
    "the attention of two blocks",
    { backbone: { ...TRAIN.backbone, attention: [2, 3] } },
    "attentionLayers 3 needs the attention of as many blocks; it gives that of 2",
  ],
  ["no transformer", { backbone: "tiny" }, 'no tokens "blocks.3"; valid: none'],
  ["a misspelt option", { head: { use: "mctformer", token: "a" } }, 'did you mean "tokens"?'],
  [
    "a loss of what it does not give",
    { losses: [{ use: "classification", output: "path_scores" }] },
    "loss classification needs path_scores",
  ],
];

for (const [what, wrong, message] of WRONG) {
  Deno.test(`a recipe of MCTformer with ${what} is refused`, async () => {
    await assertRejects(() => miniRun({ train: { ...TRAIN, ...wrong } }), Error, message);
  });
}
