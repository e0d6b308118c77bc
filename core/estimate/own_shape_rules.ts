import {
  BN_RELU_CONV,
  BN_RELU_CONV_FILTER_GRADIENT,
  BN_RELU_CONV_INPUT_GRADIENT,
  CONV_FILTER_GRADIENT,
  CONV_INPUT_GRADIENT,
  CORRELATION,
  CORRELATION_GRADIENT,
  DEPTHWISE_FILTER_GRADIENT,
  DEPTHWISE_INPUT_GRADIENT,
  FIRST_MAXIMUM,
  FLIP_FILTER,
  FROZEN_NORM,
  FROZEN_NORM_GRADIENT,
  INTERPOLATE,
  INTERPOLATE_IMAGE,
  type InterpolateAttributes,
  type InterpolateImageAttributes,
  MAX_ONE_GRADIENT,
  SELECT_LARGEST,
  UNIT_VECTORS,
  UNIT_VECTORS_GRADIENT,
  WEIGHTED_SUM,
} from "../../plugins/ops/own_kernels.ts";
import { convolution, each, first, like, type ShapeRule } from "./shape_rule.ts";

/** Output shapes of the kernels that only this project registers. */
export const OWN_SHAPE_RULES: readonly (readonly [string, ShapeRule])[] = [
  ...each(
    `${FROZEN_NORM} ${UNIT_VECTORS} ${UNIT_VECTORS_GRADIENT} ${MAX_ONE_GRADIENT}`,
    (inputs) => like(inputs["x"]!),
  ),
  [FROZEN_NORM_GRADIENT, (inputs) => like(inputs["dy"]!)],
  [WEIGHTED_SUM, (inputs) => like(inputs["x0"]!)],
  [CORRELATION, (inputs) => like(inputs["values"]!)],
  [CORRELATION_GRADIENT, (inputs) => like(inputs["unit"]!)],
  [INTERPOLATE, (inputs, attributes) => {
    const { shape, dtype } = inputs["x"]!;
    const { size } = attributes as unknown as InterpolateAttributes;
    return { shape: shape.with(1, size), dtype };
  }],
  [INTERPOLATE_IMAGE, (inputs, attributes) => {
    const { shape: [samples, , , channels], dtype } = inputs["x"]!;
    const { size } = attributes as unknown as InterpolateImageAttributes;
    return { shape: [samples!, ...size, channels!], dtype };
  }],
  [BN_RELU_CONV, convolution(false)],
  ...each(
    `${CONV_FILTER_GRADIENT} ${BN_RELU_CONV_FILTER_GRADIENT}`,
    (_, { geometry: { taps, input, output } }) => ({
      shape: [...taps, input[3], output[3]],
      dtype: "float32",
    }),
  ),
  [DEPTHWISE_FILTER_GRADIENT, (_, { geometry: { taps, input, output } }) => ({
    shape: [...taps, input[3], output[3] / input[3]],
    dtype: "float32",
  })],
  ...each(
    `${CONV_INPUT_GRADIENT} ${BN_RELU_CONV_INPUT_GRADIENT} ${DEPTHWISE_INPUT_GRADIENT}`,
    (_, { geometry }) => ({ shape: geometry.input, dtype: "float32" }),
  ),
  [FLIP_FILTER, (inputs) => {
    const [kh, kw, channels, filters] = inputs["filter"]!.shape;
    return { shape: [kh!, kw!, filters!, channels!], dtype: "float32" };
  }],
  ...each(`${SELECT_LARGEST} ${FIRST_MAXIMUM}`, (inputs) => like(first(inputs), "float32")),
];
