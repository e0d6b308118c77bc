/**
 * Plugins that networks are made of and computed on, in Deno as in a page; heads of methods come with the methods.
 *
 * @module
 */
import type { Plugin } from "../core/registry/plugin.ts";
import { affinityHead } from "./affinitynet/head.ts";
import { mit } from "./backbones/mit.ts";
import { mobilenetv2 } from "./backbones/mobilenetv2.ts";
import { resnet101, resnet50 } from "./backbones/resnet.ts";
import { resnet38 } from "./backbones/resnet38.ts";
import { tiny } from "./backbones/tiny.ts";
import { vgg16 } from "./backbones/vgg16.ts";
import { vit } from "./backbones/vit.ts";
import { autoBackend } from "./backends/auto.ts";
import { cpuBackend } from "./backends/cpu.ts";
import { wasmBackend } from "./backends/wasm.ts";
import { webgpuBackend } from "./backends/webgpu.ts";
import { camHead } from "./heads/cam.ts";
import { deeplabv1Head } from "./heads/deeplabv1.ts";
import { seamHead } from "./heads/seam.ts";

/** Backends, backbones and heads. */
export const networkParts = [
  autoBackend,
  webgpuBackend,
  wasmBackend,
  cpuBackend,
  resnet38,
  resnet50,
  resnet101,
  vgg16,
  vit,
  mit,
  mobilenetv2,
  tiny,
  camHead,
  seamHead,
  affinityHead,
  deeplabv1Head,
] as const satisfies readonly Plugin[];
