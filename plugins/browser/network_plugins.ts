import type { Plugin } from "../../core/registry/plugin.ts";
import { affinityHead } from "../affinitynet/head.ts";
import { mit } from "../backbones/mit.ts";
import { mobilenetv2 } from "../backbones/mobilenetv2.ts";
import { resnet101, resnet50 } from "../backbones/resnet.ts";
import { resnet38 } from "../backbones/resnet38.ts";
import { tiny } from "../backbones/tiny.ts";
import { vgg16 } from "../backbones/vgg16.ts";
import { vit } from "../backbones/vit.ts";
import { autoBackend } from "../backends/auto.ts";
import { cpuBackend } from "../backends/cpu.ts";
import { wasmBackend } from "../backends/wasm.ts";
import { webgpuBackend } from "../backends/webgpu.ts";
import { epsHead } from "../eps/head.ts";
import { camHead } from "../heads/cam.ts";
import { deeplabv1Head } from "../heads/deeplabv1.ts";
import { seamHead } from "../heads/seam.ts";
import { irnHead } from "../irn/head.ts";
import { mctformerHead } from "../mctformer/head.ts";
import { ops } from "../ops/list.ts";
import { ppcHead } from "../ppc/head.ts";
import { puzzleCamHead } from "../puzzle_cam/head.ts";
import { recamHead } from "../recam/head.ts";
import { tocoHead } from "../toco/head.ts";

/** What a network that ships is made of, and what it is computed on: every backbone, head, backend and operation, and nothing else. */
export const networkPlugins: readonly Plugin[] = [
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
  epsHead,
  irnHead,
  mctformerHead,
  ppcHead,
  puzzleCamHead,
  recamHead,
  tocoHead,
  ...ops,
];
