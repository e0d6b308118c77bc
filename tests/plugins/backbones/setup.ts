import type { Backbone } from "../../../core/contracts/backbone.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import { mobilenetv2 } from "../../../plugins/backbones/mobilenetv2.ts";
import { resnet38 } from "../../../plugins/backbones/resnet38.ts";
import { tiny } from "../../../plugins/backbones/tiny.ts";

const registry = new Registry([mobilenetv2, resnet38, tiny]);

/** Makes a backbone as a recipe does. */
export async function makeBackbone(
  use: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Backbone> {
  return await registry.create("backbone", { use, ...options }, undefined);
}

/** Its parameters as they start. */
export function startingParams(backbone: Backbone): ParamStore {
  return ParamStore.create(backbone.params, Rng.of(1));
}
