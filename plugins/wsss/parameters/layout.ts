import type { ParamSpec } from "../../../core/contracts/params.ts";

/**
 * The shape that PyTorch gives a parameter: conv HWIO → OIHW, depthwise `[h,w,C,1]` → `[C,1,h,w]`, linear `[in,out]` → `[out,in]`,
 * vectors and tokens as they are.
 *
 * @param spec layout and inner shape
 * @returns PyTorch's shape
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { torchShape } from "./layout.ts";
 * assertEquals(torchShape({ layout: "conv", shape: [3, 5, 16, 32] }), [32, 16, 3, 5]);
 * assertEquals(torchShape({ layout: "linear", shape: [16, 32] }), [32, 16]);
 * assertEquals(torchShape({ layout: "depthwise", shape: [3, 3, 16, 1] }), [16, 1, 3, 3]);
 * ```
 */
export function torchShape(spec: Pick<ParamSpec, "layout" | "shape">): number[] {
  if (isSame(spec)) return [...spec.shape];
  const [h, w, input, output] = asConv(spec);
  if (spec.layout === "linear") return [output, input];
  return spec.layout === "conv" ? [output, input, h, w] : [input, output, h, w];
}

/**
 * Reorders elements from PyTorch's memory order to ours.
 *
 * @param data row-major in {@linkcode torchShape}'s shape
 * @param spec layout and inner shape
 * @returns row-major in `spec.shape`; the same array for vectors and tokens
 */
export function fromTorch(
  data: Float32Array,
  spec: Pick<ParamSpec, "layout" | "shape">,
): Float32Array {
  return reorder(data, spec, (out, ours, theirs) => out[ours] = data[theirs]!);
}

/**
 * Reorders elements from our memory order to PyTorch's.
 *
 * @param data row-major in `spec.shape`
 * @param spec layout and inner shape
 * @returns row-major in {@linkcode torchShape}'s shape; the same array for vectors and tokens
 */
export function toTorch(
  data: Float32Array,
  spec: Pick<ParamSpec, "layout" | "shape">,
): Float32Array {
  return reorder(data, spec, (out, ours, theirs) => out[theirs] = data[ours]!);
}

/**
 * Connections into and out of a unit, as PyTorch's `_calculate_fan_in_and_fan_out` counts them from its own layout.
 *
 * @param spec a convolution or a linear layer
 * @returns for conv `I·h·w` and `O·h·w`; for depthwise `h·w` and `C·h·w`; for linear both sizes
 * @throws {RangeError} for a vector or a token, which has no fans
 */
export function fans(
  spec: Pick<ParamSpec, "name" | "layout" | "shape">,
): { fanIn: number; fanOut: number } {
  if (isSame(spec)) {
    throw new RangeError(`Cannot count the fans of "${spec.name}": it is a ${spec.layout}`);
  }
  const [output, input, h = 1, w = 1] = torchShape(spec) as [number, number, number?, number?];
  return { fanIn: input * h * w, fanOut: output * h * w };
}

/** Whether PyTorch has it as it is. */
function isSame({ layout }: Pick<ParamSpec, "layout">): boolean {
  return layout === "vector" || layout === "token";
}

/** HWIO; a linear layer is a 1x1 convolution. */
function asConv(
  { layout, shape }: Pick<ParamSpec, "layout" | "shape">,
): readonly [number, number, number, number] {
  const rank = layout === "linear" ? 2 : 4;
  if (shape.length !== rank) {
    throw new RangeError(
      `Cannot lay out a ${layout} parameter of shape [${shape}]: it must have ${rank} dimensions`,
    );
  }
  const [a, b, c, d] = shape as readonly [number, number, number, number];
  return layout === "linear" ? [1, 1, a, b] : [a, b, c, d];
}

/** Calls `move` with the flat index of every element in our order and in PyTorch's. */
function reorder(
  data: Float32Array,
  spec: Pick<ParamSpec, "layout" | "shape">,
  move: (out: Float32Array, ours: number, theirs: number) => void,
): Float32Array {
  if (isSame(spec)) return data;
  const [h, w, input, output] = asConv(spec);
  const plane = h * w;
  // Steps in PyTorch's order when our last two axes advance by one: OIHW for conv and linear, C1HW for depthwise.
  const [inputStep, outputStep] = spec.layout === "depthwise"
    ? [output * plane, plane]
    : [plane, input * plane];
  const out = new Float32Array(data.length);
  let ours = 0;
  for (let position = 0; position < plane; position++) {
    for (let i = 0; i < input; i++) {
      for (let o = 0; o < output; o++) {
        move(out, ours++, o * outputStep + i * inputStep + position);
      }
    }
  }
  return out;
}
