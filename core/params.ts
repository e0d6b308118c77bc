import * as tf from "@tensorflow/tfjs";
import { Rng } from "./rng.ts";
import type { StateDict } from "./state_dict.ts";

/** How a parameter starts when no file gives it; PyTorch's formulas. */
export type Init =
  | { readonly kind: "zeros" }
  | { readonly kind: "ones" }
  | { readonly kind: "xavier-uniform"; readonly gain: number }
  | { readonly kind: "kaiming-normal"; readonly scale: number };

/** One named parameter of a network. */
export interface ParamSpec {
  /** PyTorch's name, such as `b4_1.conv_branch2a.weight`. */
  readonly name: string;
  /** Shape inside: conv HWIO, depthwise `[h,w,C,1]`, vector `[C]`. */
  readonly shape: readonly number[];
  /** How it maps to PyTorch: conv HWIO ↔ OIHW, depthwise `[h,w,C,1]` ↔ `[C,1,h,w]`, vector unchanged. */
  readonly layout: "conv" | "depthwise" | "vector";
  /** `buffer`: running statistics, never trained. */
  readonly role: "weight" | "bias" | "buffer";
  /** False where it is frozen. */
  readonly trainable: boolean;
  /** True where it comes from pretraining: learning-rate groups differ. */
  readonly pretrained: boolean;
  readonly init: Init;
}

/** Named parameters on the backend. (Signature; the training helper writes the body.) */
export declare class ParamStore {
  readonly specs: readonly ParamSpec[];
  /** Initialises every parameter from its own stream `rng.child("init", name)`. Throws on duplicate names. */
  static create(specs: readonly ParamSpec[], rng: Rng): ParamStore;
  /** The variable of a name. Throws RangeError with the nearest name. */
  get(name: string): tf.Variable;
  spec(name: string): ParamSpec;
  /** Specs that train, in order. */
  trainable(): readonly ParamSpec[];
  /** Copies a state dict in (PyTorch layouts → ours). One error lists missing, extra and mis-shaped names with the nearest ones. */
  load(
    state: StateDict,
    options: { readonly from: string; readonly allowMissing?: readonly string[]; readonly allowExtra?: readonly string[] },
  ): void;
  /** PyTorch names and layouts, F32. */
  toStateDict(): Promise<StateDict>;
  dispose(): void;
}
