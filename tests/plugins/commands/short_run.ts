import { assertEquals } from "@std/assert";
import { encodeRgbPng } from "../../../plugins/images/png.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { plugins } from "../../../plugins/mod.ts";
import { callSeamstress } from "../../call.ts";
import { SHORT_SEAM } from "../../short_seam.ts";

/** SEAM, trained for two steps, CAMs of a split and their evaluation. */
export const SHORT_RUN = `
name: short
backend: wasm
dataset: { use: mini, size: 32 }
observers: [jsonl]
stages:
  ${SHORT_SEAM}
  - { id: cams, run: infer, from: seam, split: "val[0:4]", scales: [0.5, 1], store: float32 }
  - { id: score, run: evaluate, from: cams, metric: { use: miou, predictions: cams, alpha: 0.3 } }
`;

/** Runs the recipe into a folder. */
export async function shortRun(folder: string, ...more: readonly string[]): Promise<string> {
  await Deno.writeTextFile(`${folder}/short.yaml`, SHORT_RUN);
  const run = `${folder}/run`;
  const { code, err } = await callSeamstress([
    "run",
    `${folder}/short.yaml`,
    "--out",
    run,
    ...more,
  ]);
  assertEquals(code, 0, err);
  return run;
}

/** The first images of its split, written as photographs. @returns name, classes by name and path of each */
export async function photographs(folder: string, count: number) {
  const use = { use: "mini", size: 32 } as const;
  const dataset = await new Registry(plugins).create("dataset", use, {
    split: "val[0:4]",
    base: folder,
  });
  await Deno.mkdir(`${folder}/photos`, { recursive: true });
  return await Promise.all(Array.from({ length: count }, async (_, i) => {
    const { name, image, label } = await dataset.read(i, { mask: false });
    const path = `${folder}/photos/${name}.png`;
    await Deno.writeFile(path, encodeRgbPng(image));
    return { name, path, image, classes: dataset.classes.filter((_, c) => label[c]! > 0) };
  }));
}
