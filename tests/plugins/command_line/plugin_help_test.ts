import { assert, assertStringIncludes } from "@std/assert";
import { mit } from "../../../plugins/backbones/mit.ts";
import { resnet101, resnet50 } from "../../../plugins/backbones/resnet.ts";
import { vgg16 } from "../../../plugins/backbones/vgg16.ts";
import { vit } from "../../../plugins/backbones/vit.ts";
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
