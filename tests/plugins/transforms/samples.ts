import type * as z from "zod";
import type { Transform } from "../../../core/contracts/transform.ts";
import { DEFAULT_LIMITS } from "../../../core/recipe/limits.ts";
import type { Plugin, PluginFactory } from "../../../core/registry/plugin.ts";
import type { Sample } from "../../../core/data/sample.ts";

/** What SEAM's backbone wants. */
export const normalization = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;

const nothing: PluginFactory = {
  limits: DEFAULT_LIMITS,
  create: () => Promise.reject(new Error("A transform made another plugin")),
};

/** Makes a transform from options as a recipe gives them. */
export function make<S extends z.ZodObject>(
  plugin: Plugin<"transform", string, S>,
  options: z.input<S>,
): Transform {
  return plugin.create(plugin.options.parse(options), { normalization }, nothing) as Transform;
}

/** Whether a plugin's schema accepts options. */
export function accepts(plugin: Plugin<"transform">, options: unknown): boolean {
  return plugin.options.safeParse(options).success;
}

/** A sample whose red is the column, green the row, blue a pattern, and whose mask is (row * 7 + column) % 5. */
export function coded(width: number, height: number): Sample & Required<Pick<Sample, "mask">> {
  const data = new Uint8Array(width * height * 3);
  const classes = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data.set([x, y, (x * 31 + y * 17) % 256], (y * width + x) * 3);
      classes[y * width + x] = (y * 7 + x) % 5;
    }
  }
  return {
    name: "coded",
    image: { width, height, channels: 3, data },
    label: new Float32Array([1, 0]),
    mask: { width, height, channels: 1, data: classes },
  };
}

/** A sample of random colours. */
export function noisy(width: number, height: number): Sample {
  const sample = coded(width, height);
  let state = 1;
  const data = sample.image.data.map(() => {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    return state >>> 24;
  });
  return { ...sample, image: { ...sample.image, data } };
}
