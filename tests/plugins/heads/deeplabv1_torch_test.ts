import { assert } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Model } from "../../../plugins/wsss/training/model.ts";
import { toTorch } from "../../../plugins/wsss/parameters/layout.ts";
import { inference } from "../../../core/contracts/forward_context.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import { microGradients } from "../../../core/trainer/gradients.ts";
import { sgd } from "../../../plugins/optimizers/sgd.ts";
import { constantSchedule } from "../../../plugins/schedules/constant.ts";
import { backends } from "../../backends.ts";
import { pythonTest, runPython } from "../../python.ts";
import { assertNear, randomMaps } from "../losses/numeric.ts";
import { makeLoss, tensorOf } from "../losses/setup.ts";
import { makeMethod } from "../methods/setup.ts";
import { makeHead, trainingPass } from "./setup.ts";

/** The head in PyTorch: loads the state strictly, runs three training steps, writes what came of it. */
const TORCH = `
import json, sys
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

given = json.load(open(sys.argv[1]))

class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_fov = nn.Conv2d(5, 6, 3, 1, padding=2, dilation=2, bias=False)
        self.bn_fov = nn.BatchNorm2d(6, momentum=0.25)
        self.conv_fov2 = nn.Conv2d(6, 6, 1, bias=False)
        self.bn_fov2 = nn.BatchNorm2d(6, momentum=0.25)
        self.cls_conv = nn.Conv2d(6, 3, 1)
    def forward(self, x, size):
        x = F.relu(self.bn_fov(self.conv_fov(x)))
        x = F.relu(self.bn_fov2(self.conv_fov2(x)))
        return F.interpolate(self.cls_conv(x), size, mode="bilinear", align_corners=True)

head = Head()
head.load_state_dict({k: torch.tensor(v["data"]).reshape(v["shape"]) for k, v in given["state"].items()}, strict=True)
head.double().train()
x = torch.tensor(given["x"]["data"], dtype=torch.float64).reshape(given["x"]["shape"]).permute(0, 3, 1, 2)
mask = torch.tensor(given["mask"]["data"]).reshape(given["mask"]["shape"])
optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
losses = []
for step in range(3):
    optimizer.zero_grad()
    loss = F.cross_entropy(head(x, mask.shape[1:]), mask, ignore_index=255)
    loss.backward()
    if step == 0: gradients = {k: p.grad.reshape(-1).tolist() for k, p in head.named_parameters()}
    optimizer.step()
    losses.append(loss.item())
head.eval()
json.dump({
    "losses": losses,
    "gradients": gradients,
    "state": {k: v.reshape(-1).tolist() for k, v in head.state_dict().items()},
    "scores": head(x, mask.shape[1:]).permute(0, 2, 3, 1).reshape(-1).tolist(),
}, open(sys.argv[1], "w"))
`;
import { FIRST_STEP } from "../../../core/trainer/training_state.ts";

interface TorchResult {
  readonly losses: readonly number[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  readonly state: Readonly<Record<string, readonly number[]>>;
  readonly scores: readonly number[];
}

pythonTest(
  "three steps of deeplabv1, its buffers and what it then infers equal PyTorch's",
  ["torch", "numpy"],
  async () => {
    await backends.wasm.prepare();
    const taps = [{ name: "x", channels: 5, stride: 2 }];
    const options = { channels: 6, dilation: 2, momentum: 0.25, dropout: 0 };
    const head = await makeHead("deeplabv1", options, { taps, classes: 2 });
    const params = ParamStore.create(head.params, Rng.of(4));
    const x = randomMaps("x", [3, 5, 7, 5]);
    const rng = Rng.of(0, "mask");
    const shape = [3, 9, 13];
    const classes = Array.from({ length: 3 * 9 * 13 }, () => [0, 1, 2, 255][rng.integer(4)]!);

    const path = await Deno.makeTempFile();
    const given = {
      state: Object.fromEntries(
        [...await params.toStateDict()]
          .map(([name, { data, shape }]) => [name, { data: [...data as Float32Array], shape }]),
      ),
      x: { data: [...x.data], shape: x.shape },
      mask: { data: classes, shape },
    };
    await Deno.writeTextFile(path, JSON.stringify(given));
    await runPython(TORCH, path);
    const wanted: TorchResult = JSON.parse(await Deno.readTextFile(path));
    await Deno.remove(path);

    const tap = tensorOf(x), image = tf.zeros<tf.Rank.R4>([3, 9, 13, 3]);
    const backbone = {
      taps,
      params: [],
      input: { mean: [0, 0, 0], std: [1, 1, 1] },
      forward: () => ({ x: tap }),
    } as const;
    const model = new Model(backbone, head, params);
    const method = await makeMethod("segmentation");
    const loss = await makeLoss("cross-entropy", { mean: "batch" });
    const optimizer = await new Registry([sgd, constantSchedule])
      .create("optimizer", { use: "sgd", lr: 0.1 }, { params, totalSteps: 3 });
    const mask = tf.tensor3d(Int32Array.from(classes), [3, 9, 13], "int32");
    let before = 0;
    for (let step = 0; step < 3; step++) {
      const part = microGradients(
        params,
        [{ name: "ce", loss, weight: 1, start: 0 }],
        1,
        () =>
          method.step({ image, targets: { mask } }, {
            ...FIRST_STEP,
            model,
            rng: Rng.of(0),
            context: trainingPass,
          }),
      );
      assertNear(await part.values.data(), [wanted.losses[step]!], 1e-6, `loss of step ${step}`);
      if (step === 0) {
        for (const [name, gradient] of Object.entries(part.gradients)) {
          const ours = toTorch(await gradient.data<"float32">(), params.spec(name));
          assertNear(ours, wanted.gradients[name]!, 1e-4, `gradient of ${name}`);
        }
      }
      optimizer.update(part.gradients, step);
      tf.dispose([part.values, part.gradients]);
      if (step === 0) before = tf.memory().numTensors;
    }
    assert(tf.memory().numTensors === before, "steps leave tensors behind");
    for (const [name, { data }] of await params.toStateDict()) {
      assertNear(data as Float32Array, wanted.state[name]!, 1e-4, name);
    }
    const scores = head.forward({ x: tap }, image, params, inference)["segmentation"]!;
    assertNear(await scores.data<"float32">(), wanted.scores, 1e-4, "scores");
    tf.dispose([scores, tap, image, mask]);
    optimizer.dispose();
    params.dispose();
  },
);
