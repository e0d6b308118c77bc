import { assert, assertStringIncludes } from "@std/assert";
import { mit } from "../../../plugins/backbones/mit.ts";
import { resnet101, resnet50 } from "../../../plugins/backbones/resnet.ts";
import { vgg16 } from "../../../plugins/backbones/vgg16.ts";
import { vit } from "../../../plugins/backbones/vit.ts";
import { erLoss } from "../../../plugins/losses/er.ts";
import { trainStage } from "../../../plugins/stages/train.ts";
import { callSeamstress } from "../../call.ts";
import { describePlugin } from "../../../plugins/command_line/plugin_help.ts";

/** Files that torchvision, DeiT, DINO and SegFormer publish. */
const FILES = [
  [resnet50, ["resnet50-19c8e357.pth", "resnet50-0676ba61.pth"]],
  [resnet101, ["resnet101-5d3b4d8f.pth", "resnet101-63fe2227.pth"]],
  [vgg16, ["vgg16-397923af.pth", "vgg16_bn-6c64b313.pth"]],
  [mit, ["mit_b1.pth", "mit_b0.pth"]],
  [vit, ["deit_small_patch16_224-cd65a155.pth", "dino_vitbase8_pretrain.pth"]],
] as const;

for (const [plugin, files] of FILES) {
  Deno.test(`the help of ${plugin.name} names the public weights that fit, before its options`, () => {
    const [head, about, ...options] = describePlugin(plugin).split("\n");
    assert(head!.startsWith(`backbone ${plugin.name}: `));
    for (const file of files) assertStringIncludes(about!, file);
    assert(options.some((line) => /^ {2}(outputStride|patch) /.test(line)));
  });
}

Deno.test("the help of a plugin shows options within options, and those that others add where they name it", () => {
  const lines = describePlugin(trainStage).split("\n");
  assert(lines.some((line) => /^ {6}micro +.*auto/.test(line)), "batch.micro");
  const shared = describePlugin(erLoss, [erLoss, trainStage]).split("\n");
  assert(shared.includes("  besides, where a recipe names a loss:"));
  assert(shared.some((line) => /^ {2}weight +number/.test(line)));
});

Deno.test("every command has its help, by --help and by help NAME", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
  const named = Object.values(tasks as Record<string, { command: string }>).flatMap(({ command }) =>
    / cli\.ts (\w+)/.exec(command)?.[1] ?? []
  );
  const commands = [...new Set(named)].filter((name) => name !== "data");
  assert(commands.length >= 8, String(commands));
  for (const [i, name] of commands.entries()) {
    const { code, out } = await callSeamstress(i % 2 === 0 ? [name, "--help"] : ["help", name]);
    assert(code === 0 && out.startsWith(`  deno task ${name} `.trimEnd()), out.slice(0, 200));
  }
});
