import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Head, type ParamSpec } from "seamstress";
import { addBias } from "seamstress/ops";
import { biasSpec, pointwise } from "seamstress/wsss";
import { layer, layerSpecs, plainSpec, pooled, type Size } from "./head/branch.ts";
import { mapStride, mapTaps } from "./head/map_stride.ts";

/**
 * IRN's head (Ahn, Cho & Kwak, CVPR 2019; author code jiwoon-ahn/irn, `net/resnet50_irn.py`): two branches on every tap. `boundary`
 * `[N,h,w,1]` holds the logits of class boundaries, `displacement` `[N,h,w,2]` what leads from a pixel to the middle of its object, rows
 * first. On the five taps of ResNet-50 it is the authors' head, by their names.
 */
export const irnHead = definePlugin({
  kind: "head",
  name: "irn",
  summary: "IRN: class boundaries, and displacements to the middles of objects",
  options: z.strictObject({
    width: z.int().min(16).multipleOf(16).default(64).describe(
      "channels of the first displacement layer; the next have twice, then four times as many, boundary layers half",
    ),
  }),
  create({ width }, { taps: given }): Head {
    const taps = mapTaps(given), stride = mapStride(given);
    const count = taps.length;
    const edge = width / 2, most = 4 * width;
    const channels = taps.map((_, i) => Math.min(width * 2 ** i, most));
    const coarse = taps.flatMap((tap, i) => tap.stride > stride ? [i] : []);
    const fine = taps.flatMap((tap, i) => tap.stride > stride ? [] : [i]);
    const between = Math.min(...coarse.map((i) => taps[i]!.stride));
    const sum = (indices: readonly number[]) => indices.reduce((n, i) => n + channels[i]!, 0);
    const last = `fc_edge${count + 1}`, join = `fc_dp${count + 1}`, out = `fc_dp${count + 2}`;
    const joined = coarse.length > 0 ? most : 0;
    const params: ParamSpec[] = [
      ...taps.flatMap((tap, i) => layerSpecs(`fc_edge${i + 1}`, tap.channels, edge)),
      plainSpec(last, edge * count, 1),
      biasSpec(`${last}.bias`, 1, { pretrained: false }),
      ...taps.flatMap((tap, i) => layerSpecs(`fc_dp${i + 1}`, tap.channels, channels[i]!)),
      ...coarse.length > 0 ? layerSpecs(join, sum(coarse), most) : [],
      ...layerSpecs(out, sum(fine) + joined, most),
      plainSpec(`${out}.3`, most, 2),
    ];
    return {
      outputs: ["boundary", "displacement"],
      params,
      forward: (tensors, _image, params) =>
        tf.tidy(() => {
          const inputs = taps.map((tap) => pooled(tensors[tap.name]!, tap, stride));
          const sizeOf = (i: number): Size => [inputs[i]!.shape[1], inputs[i]!.shape[2]];
          const size = sizeOf(taps.findIndex((tap) => tap.stride === stride));
          const run = (name: string, x: tf.Tensor4D, from: number, to: number, wanted: Size) =>
            layer(x, params, name, Math.max(from / to, 1), wanted);
          const edges = inputs.map((x, i) =>
            run(`fc_edge${i + 1}`, x, taps[i]!.stride, stride, size)
          );
          const joint = pointwise(tf.concat(edges, 3), params, last);
          const boundary = addBias(joint, params.get(`${last}.bias`));
          const parts = fine.map((i) => run(`fc_dp${i + 1}`, inputs[i]!, stride, stride, size));
          if (coarse.length > 0) {
            const middle = sizeOf(taps.findIndex((tap) => tap.stride === between));
            const deep = coarse.map((i) =>
              run(`fc_dp${i + 1}`, inputs[i]!, taps[i]!.stride, between, middle)
            );
            parts.push(run(join, tf.concat(deep, 3), between, stride, size));
          }
          const features = run(out, tf.concat(parts, 3), stride, stride, size);
          return { boundary, displacement: pointwise(features, params, `${out}.3`) };
        }),
    };
  },
});
