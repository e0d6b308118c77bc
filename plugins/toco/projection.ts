import * as tf from "@tensorflow/tfjs";
import type { Network, Params, ParamSpec } from "seamstress";
import { gelu, unitVectors } from "seamstress/ops";
import {
  averageSpecs,
  linear,
  linearSpecs,
  moveAverage,
  subset,
  torchDefault,
} from "seamstress/wsss";

/** Sizes of the projection that class tokens are compared in. */
export interface ProjectionSizes {
  readonly hidden: number;
  readonly bottleneck: number;
  readonly output: number;
}

/** Which of the two: the one that trains, or its moving average. */
export type Which = "projection" | "teacher";

/** Linear layers of the perceptron, with the authors' numbers: a GELU stands between them. */
const LAYERS = ["mlp.0", "mlp.2", "mlp.4"] as const;
const LAST = "last_layer.weight_v";
/** PyTorch's `normalize`. */
const EPSILON = 1e-12;

function specsOf(input: number, sizes: ProjectionSizes): readonly ParamSpec[] {
  const { hidden, bottleneck, output } = sizes;
  const widths = [input, hidden, hidden, bottleneck];
  const layers = LAYERS.flatMap((name, i) =>
    linearSpecs(name, widths[i]!, widths[i + 1]!, { pretrained: false })
  );
  const [last] = linearSpecs("last_layer", bottleneck, output, {
    pretrained: false,
    init: torchDefault(1, bottleneck, output),
  });
  return [...layers, { ...last!, name: LAST }];
}

/**
 * Parameters of both projections (author code `CTCHead`): the teacher's are buffers.
 *
 * @param input channels of a class token
 * @param sizes of the layers
 * @returns specs, those of the teacher behind the others
 */
export function projectionSpecs(input: number, sizes: ProjectionSizes): readonly ParamSpec[] {
  const specs = specsOf(input, sizes);
  return [
    ...specs.map((spec) => ({ ...spec, name: `projection.${spec.name}` })),
    ...averageSpecs(specs, "teacher."),
  ];
}

/**
 * Projects class tokens: a perceptron, unit vectors, and how much each goes along each of the last layer's directions, which have length 1.
 *
 * @param tokens `[N,1,V,D]`
 * @param params of {@linkcode projectionSpecs}
 * @param which the one that trains, or the teacher
 * @returns `[N,V,output]`
 */
export function project(tokens: tf.Tensor4D, params: Params, which: Which): tf.Tensor3D {
  return tf.tidy(() => {
    const [samples, , views] = tokens.shape;
    const [first, second, third] = LAYERS.map((name) => (x: tf.Tensor4D) =>
      linear(x, params, `${which}.${name}`)
    );
    const points = third!(gelu(second!(gelu(first!(tokens)))));
    const flat = tf.reshape<tf.Rank.R3>(points, [1, samples * views, points.shape[3]]);
    const weight = params.get(`${which}.${LAST}`);
    const directions = tf.expandDims<tf.Tensor3D>(tf.transpose(weight), 0);
    const along = tf.matMul(
      unitVectors(flat, EPSILON),
      unitVectors(directions, EPSILON),
      false,
      true,
    );
    return tf.reshape(along, [samples, views, weight.shape[1]!]);
  });
}

/**
 * Lets the teacher follow: a moving average, 0 for a copy.
 *
 * @param params of both
 * @param momentum part of the teacher that stays
 */
export function followProjection(params: Params, momentum: number): void {
  moveAverage(subset(params, "teacher."), subset(params, "projection."), momentum);
}

/**
 * The class tokens of images.
 *
 * @param model whose last taps of tokens have a class token first
 * @param image `[N,H,W,3]`
 * @param context of the pass
 * @returns `[N,1,1,D]`
 */
export function classTokens(
  model: Network,
  image: tf.Tensor4D,
  context: Parameters<Network["taps"]>[1],
): tf.Tensor4D {
  const tap = model.backbone.taps.findLast(({ kind }) => kind === "tokens")!;
  return tf.tidy(() =>
    tf.slice(model.taps(image, context)[tap.name]!, [0, 0, 0, 0], [-1, 1, 1, -1])
  );
}
