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
  /** What it holds where no file gives it. */
  readonly init: Init;
}
