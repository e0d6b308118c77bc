import type { Use } from "seamstress";

/** Channels and rate of the dropout of a layer. */
export type ChannelDropout = readonly [channels: number, rate: number];

/** A network under SEAM whose training step is measured. */
export interface StepNetwork {
  readonly backbone: Use<"backbone">;
  readonly head: Use<"head">;
  /** Factor on the size of the second view. */
  readonly scale: number;
  /** Foreground classes. */
  readonly classes: number;
  /** New layers learn ten times as fast. */
  readonly optimizer: Readonly<Record<"lr" | "momentum" | "weightDecay", number>>;
  /** Layers with channel dropout. */
  readonly dropout: Readonly<Record<string, ChannelDropout>>;
}

/**
 * ResNet38, trained by the settings of the authors' code.
 *
 * @param width channels of conv1a: 64 is full width
 * @returns the network
 */
export function resnet38(width: number): StepNetwork {
  return {
    backbone: { use: "resnet38", width },
    head: { use: "seam" },
    scale: 0.3,
    classes: 20,
    optimizer: { lr: 0.01, momentum: 0.0005, weightDecay: 0.0005 },
    dropout: {
      "b6.2b1": [8 * width, 0.3],
      "b6.2b2": [16 * width, 0.3],
      "b7.2b1": [16 * width, 0.5],
      "b7.2b2": [32 * width, 0.5],
      fc8: [64 * width, 0.5],
    },
  };
}
