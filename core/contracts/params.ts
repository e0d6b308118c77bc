import type * as tf from "@tensorflow/tfjs";
import type { DType, StateDict } from "./state_dict.ts";

/** How a parameter is initialised when no weights file has it; PyTorch's formulas. */
export type Init =
  | { readonly kind: "zeros" }
  | { readonly kind: "ones" }
  | { readonly kind: "xavier-uniform"; readonly gain: number }
  | { readonly kind: "normal"; readonly std: number }
  | { readonly kind: "truncated-normal"; readonly std: number }
  | { readonly kind: "kaiming-normal"; readonly scale: number };

/** One named parameter of a network. */
export interface ParamSpec {
  /** PyTorch's name, such as `b4_1.conv_branch2a.weight`. */
  readonly name: string;
  /** Shape inside: conv HWIO, depthwise `[h,w,C,1]`, linear `[in,out]`, vector `[C]`, token any, such as `[1,T,D]`. */
  readonly shape: readonly number[];
  /** How it maps to PyTorch: conv HWIO ↔ OIHW, depthwise `[h,w,C,1]` ↔ `[C,1,h,w]`, linear `[in,out]` ↔ `[out,in]`, others unchanged. */
  readonly layout: "conv" | "depthwise" | "linear" | "vector" | "token";
  /** `buffer`: running statistics, never trained. */
  readonly role: "weight" | "bias" | "buffer";
  /** False where it is frozen. */
  readonly trainable: boolean;
  /** True where it comes from pretraining: learning-rate groups differ. */
  readonly pretrained: boolean;
  /** What it holds where no file gives it. */
  readonly init: Init;
}

/** Shape and type of an array of a state dict. */
export interface ArrayShape {
  /** Type of the elements. */
  readonly dtype: DType;
  /** Sizes, in PyTorch's layout. */
  readonly shape: readonly number[];
}

/** An entry of a state dict that cannot be read: a tensor of an unsupported type, or no tensor at all. */
export interface Unread {
  /** What it is, such as `is of type BOOL, which is not read`. */
  readonly unread: string;
}

/** Entries of a state dict by name. One that cannot be read matters only where the network needs it. */
export type StateShapes = ReadonlyMap<string, ArrayShape | Unread>;

/** Which differences between a network and a state dict are allowed. */
export interface LoadStateOptions {
  /** The file's name, for messages. */
  readonly from: string;
  /** Parameters that the file may lack, as globs (`fc8.*`); they keep their values. */
  readonly allowMissing?: readonly string[];
  /** Tensors that the network may not know, as globs (`linear1000.*`); they are ignored. */
  readonly allowExtra?: readonly string[];
  /** Options by which a recipe can say what is meant, for messages: some of `prefixes`, `allowMissing`, `allowExtra`. */
  readonly options?: readonly string[];
}

/** The named parameters of a network, on the backend. */
export interface Params {
  /** In the network's order. */
  readonly specs: readonly ParamSpec[];
  /** The variable of a name, in its spec's shape; owned by this. Throws naming the nearest where there is none. */
  get(name: string): tf.Variable;
  /** The spec of a name. Throws naming the nearest where there is none. */
  spec(name: string): ParamSpec;
  /** What the optimizer sees: specs that train, in order. */
  trainable(): readonly ParamSpec[];
  /** Copies a state dict in: PyTorch names and layouts. Nothing is copied unless all of it fits, else it throws. */
  load(state: StateDict, options: LoadStateOptions): void;
  /** Reads every parameter back from the backend: PyTorch names and layouts, F32, in the specs' order. */
  toStateDict(): Promise<StateDict>;
  /** Frees every variable. */
  dispose(): void;
}
