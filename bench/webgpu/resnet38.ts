import type { ConvShape } from "./conv_shape.ts";

/** Images at a time: what a step at batch 8 has. */
const samples = 8;

/** Convolutions of ResNet38 at full width under crops of 448x448, those that most of its arithmetic goes into: for a GPU. */
export const RESNET38: readonly ConvShape[] = [
  // b2_1, b3, b3_1, b4, b4_1: 3x3
  { samples, size: 224, channels: 128, filters: 128, k: 3 },
  { samples, size: 224, channels: 128, filters: 256, k: 3, stride: 2 },
  { samples, size: 112, channels: 256, filters: 256, k: 3 },
  { samples, size: 112, channels: 256, filters: 512, k: 3, stride: 2 },
  { samples, size: 56, channels: 512, filters: 512, k: 3 },
  // b5_1 and the second ones of b5, b6, b7
  { samples, size: 56, channels: 1024, filters: 512, k: 3, dilation: 2 },
  { samples, size: 56, channels: 512, filters: 1024, k: 3, dilation: 4 },
  { samples, size: 56, channels: 1024, filters: 2048, k: 3, dilation: 4 },
  // b7's first and last
  { samples, size: 56, channels: 2048, filters: 1024, k: 1 },
  { samples, size: 56, channels: 2048, filters: 4096, k: 1 },
];
