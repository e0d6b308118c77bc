import { assertEquals } from "@std/assert";
import { resizeBicubic } from "../../../plugins/images/pillow_bicubic.ts";
import { resizeNearest } from "../../../plugins/images/pillow_nearest.ts";
import { adjustBrightness } from "../../../plugins/transforms/color/brightness.ts";
import { adjustContrast } from "../../../plugins/transforms/color/contrast.ts";
import { adjustHue } from "../../../plugins/transforms/color/hue.ts";
import { adjustSaturation } from "../../../plugins/transforms/color/saturation.ts";
import { pythonTest, runPython } from "../../python.ts";

/** Writes an image and what Pillow makes of it to the file of its first argument: lines of JSON. */
const PILLOW = `
import json, sys
import numpy as np
from PIL import Image, ImageEnhance

random = np.random.RandomState(0)
out = open(sys.argv[1], "w")

def hue(image, turn):
    h, s, v = image.convert("HSV").split()
    h = Image.fromarray(((np.array(h).astype(int) + int(turn * 255)) & 255).astype(np.uint8), "L")
    return Image.merge("HSV", (h, s, v)).convert("RGB")

for i in range(40):
    width, height, to_width, to_height = (int(n) for n in random.randint(1, 70, 4))
    if i < 3: width = 1
    if 1 < i < 5: height = 1
    if i == 6: to_width = width
    if i == 7: to_height = height
    # Every other image has only extreme values, where the filter overshoots.
    levels = 2 if i % 2 else 256
    pixels = random.randint(0, levels, (height, width, 3)).astype(np.uint8) * (255 if levels == 2 else 1)
    image = Image.fromarray(pixels)
    factor, turn = float(random.uniform(0, 2)), float(random.uniform(-0.5, 0.5))
    made = {
        "bicubic": image.resize((to_width, to_height), Image.BICUBIC),
        "nearest": image.resize((to_width, to_height), Image.NEAREST),
        "brightness": ImageEnhance.Brightness(image).enhance(factor),
        "contrast": ImageEnhance.Contrast(image).enhance(factor),
        "saturation": ImageEnhance.Color(image).enhance(factor),
        "hue": hue(image, turn),
    }
    made = {name: np.asarray(image).reshape(-1).tolist() for name, image in made.items()}
    case = dict(width=width, height=height, size=[to_width, to_height], factor=factor, turn=turn)
    out.write(json.dumps({**case, "pixels": pixels.reshape(-1).tolist(), "made": made}) + "\\n")
`;

interface Case {
  readonly width: number;
  readonly height: number;
  readonly size: readonly [number, number];
  readonly factor: number;
  readonly turn: number;
  readonly pixels: readonly number[];
  readonly made: Readonly<Record<string, readonly number[]>>;
}

pythonTest(
  "resizing and colour adjustments equal Pillow on random images",
  ["PIL", "numpy"],
  async () => {
    const path = await Deno.makeTempFile();
    await runPython(PILLOW, path);
    const lines = (await Deno.readTextFile(path)).trim().split("\n");
    await Deno.remove(path);
    assertEquals(lines.length, 40);
    for (const line of lines) {
      const { width, height, size, factor, turn, pixels, made }: Case = JSON.parse(line);
      const data = Uint8Array.from(pixels);
      const image = { width, height, channels: 3, data };
      const ours = {
        bicubic: resizeBicubic(image, ...size).data,
        nearest: resizeNearest(image, ...size).data,
        brightness: adjustBrightness(data, factor),
        contrast: adjustContrast(data, factor),
        saturation: adjustSaturation(data, factor),
        hue: adjustHue(data, turn),
      };
      for (const [name, values] of Object.entries(ours)) {
        const what = `${name} of ${width}x${height}, to ${size}, factor ${factor}, turn ${turn}`;
        assertEquals([...values], made[name], what);
      }
    }
  },
);
