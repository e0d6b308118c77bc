import * as z from "zod";
import { definePlugin } from "../../../../core/registry/plugin.ts";
import type { Sample } from "../../../../core/data/sample.ts";

/** An error of a class that no other thread knows. */
class StrangeError extends Error {
  override name = "StrangeError";
}

const inWorker = "WorkerGlobalScope" in globalThis;

function tiny(index: number, side = 2): Sample {
  const data = new Float32Array(side * side * 3).fill(index);
  return {
    name: `sample ${index}`,
    image: { width: side, height: side, channels: 3, data },
    label: new Float32Array([1, 0]),
  };
}

/** Data sets and transforms that misbehave, for the loader's tests. */
export const loaderPlugins = [
  definePlugin({
    kind: "dataset",
    name: "tiny",
    summary: "2x2 pixels of the sample's index; or a fault",
    options: z.strictObject({
      length: z.int().default(10),
      trace: z.string().optional().describe("folder that gets a file for every sample read"),
      fault: z.enum(["strange", "range", "later", "open", "sizes", "uint8", "label"]).optional(),
      at: z.int().default(0).describe("the sample that has the fault"),
    }),
    create({ length, trace, fault, at }) {
      if (fault === "open" && inWorker) throw new TypeError("Cannot open in a Worker");
      const kept = Array.from({ length }, (_, index) => tiny(index));
      return {
        classes: ["a", "b"],
        length,
        name: (index) => kept[index]!.name,
        label: (index) => kept[index]!.label,
        async read(index) {
          if (trace) await Deno.writeTextFile(`${trace}/${index}`, "");
          if (index !== at) return kept[index]!;
          switch (fault) {
            case "strange":
              throw new StrangeError("Strange things happen");
            case "range":
              throw new RangeError(`Cannot read ${index}`);
            case "later":
              setTimeout(() => {
                throw new Error("Nobody awaits this");
              });
              return await new Promise<never>(() => {});
            case "sizes":
              return tiny(index, 3);
            case "uint8":
              return { ...tiny(index), image: { ...tiny(index).image, data: new Uint8Array(12) } };
            case "label":
              return { ...tiny(index), label: new Float32Array(3) };
            default:
              return kept[index]!;
          }
        },
        check: () => Promise.resolve(),
        fingerprint: () => Promise.resolve(""),
      };
    },
  }),
  definePlugin({
    kind: "transform",
    name: "lose-mask",
    summary: "drops the mask",
    options: z.strictObject({}),
    create: () => ({
      apply: ({ name, image, label }) => ({ name, image, label }),
    }),
  }),
];
