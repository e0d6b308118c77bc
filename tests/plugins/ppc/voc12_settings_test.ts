import { assertEquals } from "@std/assert";
import { stagesOf } from "../../recipe_stages.ts";

const [ppc, seam] = [await stagesOf("voc12/ppc.yaml"), await stagesOf("voc12/seam.yaml")];

/** contrast_train.py and network/resnet38_contrast.py of wseg, the branch on SEAM. */
Deno.test("recipes/voc12/ppc.yaml contrasts as contrast_train.py does", () => {
  const { head, method, losses, batch, epochs, split } = ppc.get("ppc")!;
  const contrast = (name: string) => ({
    use: "ppc",
    as: name,
    contrast: name,
    temperature: 0.1,
    background: 0.2, // --bg_threshold
    share: 1 / 8, // k = h * w // 8
    hardest: 0.6, // topk 13 of 21; int(len * 0.6)
    used: 0.5, // [3:], ten of them; len // 2
    prototypes: "semi-hard",
    pixels: "random-and-hard",
    weight: 0.1,
    start: 0,
  });
  const always = { weight: 1, start: 0 };
  assertEquals({ head, method, losses, epochs, split, size: (batch as { size: number }).size }, {
    head: {
      use: "ppc",
      dropout: 0.5,
      low: "conv4",
      mid: "conv5",
      lowChannels: 64,
      midChannels: 128,
      featureChannels: 192,
      imageScale: 1,
      channels: 128,
    },
    // Crops of 448 become 128x128: floor(448 · 0.286).
    method: {
      use: "seam",
      view: { use: "rescale", scale: 0.286 },
      outputs: ["projection", "cam_rv_map"],
    },
    losses: [
      { use: "classification", ...always },
      { use: "min-pooling", ...always },
      { use: "er", ...always },
      { use: "ecr", ohem: 0.2, ...always },
      contrast("cross-prototype"),
      contrast("cross-cam"),
      contrast("intra-view"),
    ],
    epochs: 8,
    split: "trainaug",
    size: 8,
  });
  assertEquals(Math.floor(448 * 0.286), 128);
});

Deno.test("recipes/voc12/ppc.yaml trains and infers like SEAM's recipe otherwise", () => {
  const { optimizer, transforms, backbone } = ppc.get("ppc")!;
  const { optimizer: ofSeam, transforms: ofSeams, backbone: seams } = seam.get("seam")!;
  assertEquals({ optimizer, transforms, backbone }, {
    optimizer: ofSeam,
    transforms: ofSeams,
    backbone: seams,
  });
  assertEquals(ppc.get("cams"), { ...seam.get("cams")!, from: "ppc" });
  assertEquals(ppc.get("score"), seam.get("score"));
});
