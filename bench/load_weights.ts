/**
 * Loads weights files into ResNet38 at full width (105 million parameters) on a backend, and prints time and peak memory: the
 * resident memory of the process, minus its value before.
 *
 *   deno run --allow-read --allow-env bench/load_weights.ts --backend wasm resnet38_SEAM.pth
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { Registry, Rng } from "seamstress";
import { ops, plugins } from "seamstress/plugins";
import { ParamStore } from "seamstress/wsss";
import { PeakMeter } from "./measure/memory.ts";
import { print } from "./measure/print.ts";

const FORMATS = { pth: "torch", params: "mxnet", safetensors: "safetensors" } as const;

const args = parseArgs(Deno.args, { string: ["backend"], default: { backend: "wasm" } });
const registry = new Registry(plugins);
const backend = await registry.create("backend", { use: String(args["backend"]) }, undefined);
await backend.prepare(ops);
const backbone = await registry.create("backbone", { use: "resnet38" }, undefined);
const head = await registry.create("head", { use: "seam" }, { taps: backbone.taps, classes: 20 });
using meter = new PeakMeter();
for (const file of args._.map(String)) {
  const ending = file.split(".").at(-1) as keyof typeof FORMATS;
  const use = { use: FORMATS[ending], file, allowExtra: ["*"] };
  const { result, ...cost } = await meter.measure(async () => {
    const specs = [...backbone.params, ...head.params];
    const reader = await registry.create("weights", use, { base: "." });
    const params = ParamStore.create(specs, Rng.of(1), {
      state: new Map(await reader.read()),
      from: reader.path,
      allowMissing: specs.filter((spec) => !spec.pretrained).map((spec) => spec.name),
      allowExtra: use.allowExtra,
    });
    await params.get("fc8.weight").data();
    return params;
  });
  result.dispose();
  print(JSON.stringify({ file, backend: args["backend"], ...cost }));
}
