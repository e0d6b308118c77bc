import type { Backbone } from "../../../core/contracts/backbone.ts";
import type { Head } from "../../../core/contracts/head.ts";
import type { PluginFactory } from "../../../core/registry/plugin.ts";
import type { NetworkUse } from "../stages/artifacts.ts";

/** A backbone and a head on its taps. */
export interface Network {
  /** Gives taps of an image. */
  readonly backbone: Backbone;
  /** Gives outputs of taps. */
  readonly head: Head;
}

/**
 * Creates a network as a recipe or a checkpoint names it; its parameters are made elsewhere.
 *
 * @param use backbone and head
 * @param classes foreground classes
 * @param factory makes both
 * @returns the two
 */
export async function createNetwork(
  use: NetworkUse,
  classes: number,
  factory: PluginFactory,
): Promise<Network> {
  const backbone = await factory.create("backbone", use.backbone, { classes });
  const head = await factory.create("head", use.head, { taps: backbone.taps, classes });
  return { backbone, head };
}
