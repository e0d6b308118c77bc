/** A convolution with "same" padding: the output size is the input size divided by the stride. */
export interface ConvShape {
  /** Batch size. */
  readonly samples: number;
  readonly size: number;
  readonly channels: number;
  readonly filters: number;
  readonly k: number;
  readonly stride?: number;
  readonly dilation?: number;
}

/**
 * Convolutions of ResNet38 at full width under crops of 448x448, the ones that dominate its arithmetic; for benchmarks on a GPU.
 */
export const RESNET38: readonly ConvShape[] = [
  // b2_1, b3, b3_1, b4, b4_1: 3x3
  { samples: 8, size: 224, channels: 128, filters: 128, k: 3 },
  { samples: 8, size: 224, channels: 128, filters: 256, k: 3, stride: 2 },
  { samples: 8, size: 112, channels: 256, filters: 256, k: 3 },
  { samples: 8, size: 112, channels: 256, filters: 512, k: 3, stride: 2 },
  { samples: 8, size: 56, channels: 512, filters: 512, k: 3 },
  // b5_1 and the second ones of b5, b6, b7
  { samples: 8, size: 56, channels: 1024, filters: 512, k: 3, dilation: 2 },
  { samples: 8, size: 56, channels: 512, filters: 1024, k: 3, dilation: 4 },
  { samples: 8, size: 56, channels: 1024, filters: 2048, k: 3, dilation: 4 },
  // b7's first and last
  { samples: 8, size: 56, channels: 2048, filters: 1024, k: 1 },
  { samples: 8, size: 56, channels: 2048, filters: 4096, k: 1 },
];

/** Layers of this project's networks, at sizes that a software adapter can compute. */
export const SMALL: readonly ConvShape[] = [
  { samples: 1, size: 56, channels: 3, filters: 16, k: 3 },
  { samples: 1, size: 28, channels: 64, filters: 64, k: 3 },
  { samples: 1, size: 56, channels: 32, filters: 64, k: 3, stride: 2 },
  { samples: 1, size: 14, channels: 128, filters: 128, k: 3, dilation: 2 },
  { samples: 1, size: 29, channels: 64, filters: 21, k: 3, dilation: 12 },
  { samples: 1, size: 28, channels: 256, filters: 128, k: 1 },
  { samples: 1, size: 28, channels: 64, filters: 128, k: 1, stride: 2 },
  { samples: 1, size: 28, channels: 195, filters: 192, k: 1 },
  { samples: 1, size: 7, channels: 4096, filters: 21, k: 1 },
];

/** Layers of MobileNetV2 and of the mini network at batch 8, and of a narrow ResNet38; for benchmarks on wasm. */
export const WASM: readonly ConvShape[] = [
  { samples: 8, size: 112, channels: 16, filters: 96, k: 1 },
  { samples: 8, size: 56, channels: 144, filters: 24, k: 1 },
  { samples: 8, size: 14, channels: 96, filters: 576, k: 1 },
  { samples: 8, size: 28, channels: 32, filters: 192, k: 1 },
  { samples: 8, size: 14, channels: 960, filters: 160, k: 1 },
  { samples: 8, size: 14, channels: 1280, filters: 7, k: 1 },
  { samples: 8, size: 64, channels: 3, filters: 16, k: 3, stride: 2 },
  { samples: 8, size: 32, channels: 16, filters: 32, k: 3, stride: 2 },
  { samples: 8, size: 16, channels: 32, filters: 32, k: 3 },
  { samples: 8, size: 16, channels: 64, filters: 64, k: 3 },
  { samples: 1, size: 56, channels: 128, filters: 128, k: 3 },
  { samples: 1, size: 28, channels: 256, filters: 512, k: 3, dilation: 2 },
];
