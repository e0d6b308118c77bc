import type { Backbone } from "../../../core/contracts/backbone.ts";
import type { ParamSpec } from "../../../core/contracts/params.ts";
import type { StateDict } from "../../../core/contracts/state_dict.ts";
import { encodeSafetensors } from "../../formats/safetensors.ts";
import { lower } from "./lower.ts";
import { encodeOnnx } from "./onnx.ts";
import type { Recording } from "./record.ts";
import { encodeTfjs } from "./tfjs.ts";
import { storedConstants, torchModule } from "./torch.ts";

/** A network with what its files say of it. */
export interface Exported {
  /** Of the recipe. */
  readonly recipe: string;
  /** Stage that trained it. */
  readonly stage: string;
  readonly recording: Recording;
  readonly params: readonly ParamSpec[];
  /** In PyTorch's layouts. */
  readonly weights: StateDict;
  /** Foreground class names. */
  readonly classes: readonly string[];
  /** How images are normalised. */
  readonly input: Backbone["input"];
  /** Of the image, in pixels. */
  readonly size: { readonly width: number; readonly height: number };
}

/** Files by their paths below the folder, in the order in which they are to be written. */
export type Files = ReadonlyMap<string, string | Uint8Array<ArrayBuffer>>;

/** A file or several of each format that a network can be written in. */
export const FORMATS: Readonly<Record<string, (exported: Exported) => Files>> = {
  onnx({ recipe, stage, recording, params, weights, classes, input, size }) {
    const metadata = {
      classes: JSON.stringify(classes),
      mean: JSON.stringify(input.mean),
      std: JSON.stringify(input.std),
    };
    const program = lower(recording, params), image = [1, 3, size.height, size.width];
    return new Map([
      [`${recipe}-${stage}.onnx`, encodeOnnx({ program, weights, image, metadata })],
    ]);
  },
  tfjs({ recipe, stage, recording, params, weights, classes, input: { mean, std } }) {
    const files = encodeTfjs({ recording, params, weights, metadata: { classes, mean, std } });
    return new Map(
      [...files].map(([name, content]) => [`${recipe}-${stage}-tfjs/${name}`, content]),
    );
  },
  torch({ recipe, stage, recording, params, weights, classes, input, size }) {
    // A module's name has no dots or dashes.
    const module = `${recipe}-${stage}`.replaceAll(/\W/g, "_");
    const about = [
      `Stage ${stage} of ${recipe}, written by Seamstress.`,
      "",
      `Classes: background, ${classes.join(", ")}.`,
      `Images: (rgb / 255 - mean) / std, mean ${input.mean.join(" ")}, std ${input.std.join(" ")}.`,
    ].map((line) => line.replaceAll(/["\\]/g, "'"));
    const program = lower(recording, params), image = [1, 3, size.height, size.width];
    const file = `${module}.safetensors`;
    return new Map<string, string | Uint8Array<ArrayBuffer>>([
      [`${module}.py`, torchModule({ program, params, image, about, weights: file })],
      [
        file,
        encodeSafetensors(new Map([...weights, ...storedConstants(program)]), { format: "pt" }),
      ],
    ]);
  },
};
