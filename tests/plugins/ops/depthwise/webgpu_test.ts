import { assert } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { convGeometry } from "../../../../plugins/ops/conv/geometry.ts";
import { runDepthwiseConv2d } from "../../../../plugins/ops/depthwise/depthwise_conv2d.wgsl.ts";
import { runDepthwiseFilterGradient } from "../../../../plugins/ops/depthwise/filter_gradient.wgsl.ts";
import { runDepthwiseInputGradient } from "../../../../plugins/ops/depthwise/input_gradient.wgsl.ts";
import type { WebGpu } from "../../../../plugins/ops/webgpu/program.ts";
import { ADAPTER_KINDS, withAdapterKind } from "../../../webgpu_kind.ts";
import { randomArray } from "../random.ts";
import { conv2dReference, error, type Reference } from "../reference.ts";
import { readInfo, upload, webgpuTest } from "../webgpu/setup.ts";

interface Case {
  readonly x: readonly [number, number, number, number];
  readonly multiplier?: number;
  readonly stride?: number;
  readonly dilation?: number;
  readonly pad: number;
}

const cases: readonly Case[] = [
  { x: [1, 7, 9, 1], pad: 1 },
  { x: [2, 9, 7, 3], stride: 2, pad: 1 },
  { x: [1, 15, 13, 21], dilation: 2, pad: 2 },
  { x: [1, 9, 11, 195], dilation: 4, pad: 4 },
  { x: [1, 13, 5, 12], dilation: 12, pad: 12 },
  { x: [1, 5, 4, 4096], stride: 2, pad: 1 },
  { x: [2, 37, 41, 8], pad: 0 },
  { x: [2, 7, 6, 4], multiplier: 3, stride: 2, pad: 1 },
  { x: [1, 6, 7, 3], multiplier: 2, dilation: 2, pad: 2 },
  { x: [1, 8, 3, 6], multiplier: 2, pad: 1 },
  // Both at once, which no op allows.
  { x: [1, 11, 14, 8], stride: 2, dilation: 2, pad: 2 },
  { x: [2, 4, 1, 8], stride: 3, pad: 1 },
];

for (const kind of ADAPTER_KINDS) {
  webgpuTest(
    `a depthwise convolution and its gradients for a ${kind} adapter are the definition's`,
    () =>
      withAdapterKind(kind, async () => {
        const backend = tf.backend() as unknown as WebGpu;
        for (const { x: shape, multiplier = 1, stride = 1, dilation = 1, pad } of cases) {
          const filterShape = [3, 3, shape[3], multiplier];
          const geometry = convGeometry(shape, filterShape, stride, pad, dilation, true);
          const [x, filter, dy] = [
            randomArray("x", shape),
            randomArray("filter", filterShape),
            randomArray("dy", geometry.output),
          ] as [Reference, Reference, Reference];
          const size = [geometry.output[1], geometry.output[2]] as const;
          const options = { stride, dilation, pad: [pad, pad], size } as const;
          const want = conv2dReference(x, filter, dy.data, options, true);
          const [tx, tfilter, tdy] = [upload(x), upload(filter), upload(dy)];
          const got = {
            y: await readInfo(runDepthwiseConv2d(backend, tx, tfilter, geometry)),
            dx: await readInfo(runDepthwiseInputGradient(backend, tdy, tfilter, geometry)),
            dFilter: await readInfo(runDepthwiseFilterGradient(backend, tx, tdy, geometry)),
          };
          for (const key of ["y", "dx", "dFilter"] as const) {
            const off = error(got[key], want[key]);
            assert(
              off <= 1e-5,
              `${shape} x${multiplier} /${stride} :${dilation}: ${key} off by ${off}`,
            );
          }
          tf.dispose([tx, tfilter, tdy]);
        }
      }),
  );
}
