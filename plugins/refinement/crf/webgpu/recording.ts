import type { Scores } from "seamstress";
import type { DeviceBuffers } from "./device_buffers.ts";
import type { GatheredKernel } from "./gathered_kernel.ts";
import { LANES, type Shape } from "./mean_field.wgsl.ts";
import { bufferSizes } from "./needs.ts";
import { type BoundStep, Shapes, shapeStride, type Steps } from "./steps.ts";

/** What runs on one image: all iterations are the same steps on the same buffers. */
export interface Recording {
  readonly begin: readonly BoundStep[];
  readonly iteration: readonly BoundStep[];
  readonly end: readonly BoundStep[];
  /** `[labels][pixels]`: scores at first, q in the end. */
  readonly planes: GPUBuffer;
  /** The rows of missing neighbours, that must be 0. */
  readonly zeros: readonly Zeros[];
}

/** Arguments of `clearBuffer`. */
type Zeros = readonly [buffer: GPUBuffer, offset: number, bytes: number];

/** What the steps of all kernels share. */
interface Field {
  readonly shape: Pick<Shape, "pixels" | "labels" | "blocks">;
  readonly invocations: number;
  readonly unary: GPUBuffer;
  readonly q: GPUBuffer;
  readonly chunkSums: GPUBuffer;
}

/** One kernel's part in an iteration. */
interface KernelSteps {
  /** Splats q and blurs it. */
  readonly filter: readonly BoundStep[];
  /** Adds the messages. */
  readonly slice: BoundStep;
  readonly zeros: readonly Zeros[];
}

const WRITABLE = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;

/** Uploads images, and binds the steps to their buffers. */
export class Recorder {
  /**
   * @param steps compiled on the buffers' device
   * @param buffers that images share
   */
  constructor(readonly steps: Steps, readonly buffers: DeviceBuffers) {}

  /**
   * Puts one image on the device.
   *
   * @param scores probabilities of the labels
   * @param kernels pairwise terms over the same pixels
   * @returns the steps of its inference
   */
  record(scores: Scores, kernels: readonly GatheredKernel[]): Recording {
    const { steps, buffers } = this, { device } = buffers;
    const pixels = scores.width * scores.height, labels = scores.channels;
    const blocks = Math.ceil(labels / LANES), invocations = pixels * blocks;
    const sizes = bufferSizes(scores, kernels);
    const shapes = this.#shapes(kernels.reduce((sum, { axes }) => sum + axes, 1));
    const planes = buffers.get("planes", sizes.planes, WRITABLE | GPUBufferUsage.COPY_SRC);
    device.queue.writeBuffer(planes, 0, unshared(scores.data));
    const field: Field = {
      shape: { pixels, labels, blocks },
      invocations,
      unary: buffers.get("unary", sizes.field, WRITABLE),
      q: buffers.get("q", sizes.field, WRITABLE),
      chunkSums: buffers.get("chunk sums", sizes.chunkSums, WRITABLE),
    };
    const { unary, q } = field;
    const own = shapes.add({
      ...field.shape,
      ...{ vertices: 0, axes: 0, chunks: 0, pairs: 0, first: false, factor: 0 },
    });
    const each = kernels.map((kernel, k) => this.#kernel(k, kernel, field, shapes));
    shapes.upload(device);
    const softmax = steps.bind("softmax", own, { q }, pixels);
    return {
      begin: [steps.bind("begin", own, { planes, unary, q }, invocations), softmax],
      // All kernels read q before the first of them writes it.
      iteration: [
        ...each.flatMap(({ filter }) => filter),
        ...each.map(({ slice }) => slice),
        softmax,
      ],
      end: [steps.bind("end", own, { q, planes }, invocations)],
      planes,
      zeros: each.flatMap(({ zeros }) => zeros),
    };
  }

  #shapes(count: number): Shapes {
    const { device } = this.buffers;
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    const buffer = this.buffers.get("shapes", count * shapeStride(device), usage);
    return new Shapes(device, buffer, count);
  }

  #kernel(k: number, kernel: GatheredKernel, field: Field, shapes: Shapes): KernelSteps {
    const { steps, buffers } = this, { size, axes, factor } = kernel;
    const { unary, q, chunkSums, invocations } = field, { blocks } = field.shape;
    const row = blocks * LANES * Float32Array.BYTES_PER_ELEMENT;
    const upload = (name: string, data: Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>) => {
      const buffer = buffers.get(`${name} ${k}`, data.byteLength, WRITABLE);
      buffers.device.queue.writeBuffer(buffer, 0, data);
      return buffer;
    };
    const chunkStarts = upload("chunk starts", kernel.chunkStarts);
    const vertexChunks = upload("vertex chunks", kernel.vertexChunks);
    const gatheredPixels = upload("gathered pixels", kernel.gatheredPixels);
    const gatheredWeights = upload("gathered weights", kernel.gatheredWeights);
    const neighbours = upload("neighbours", kernel.neighbours);
    const vertices = upload("vertices", kernel.vertices);
    const weights = upload("weights", kernel.weights);
    let values = buffers.get(`values ${k}`, (size + 1) * row, WRITABLE);
    let blurred = buffers.get(`blurred ${k}`, (size + 1) * row, WRITABLE);
    const zeros: Zeros[] = [[values, size * row, row], [blurred, size * row, row]];

    const chunks = kernel.chunkStarts.length - 1;
    const shape = { ...field.shape, vertices: size, axes, chunks, first: k === 0, factor };
    const along = Array.from(
      { length: axes },
      (_, axis) => shapes.add({ ...shape, pairs: axis * size }),
    );
    const [own] = along as [GPUBufferBinding];
    const splatted = { chunkStarts, gatheredPixels, gatheredWeights, q, chunkSums };
    const filter = [
      steps.bind("splatChunks", own, splatted, chunks * blocks),
      steps.bind("splatVertices", own, { vertexChunks, chunkSums, values }, size * blocks),
    ];
    for (const axis of along) {
      filter.push(steps.bind("blur", axis, { neighbours, values, blurred }, size * blocks));
      [values, blurred] = [blurred, values];
    }
    const sliced = { vertices, weights, values, unary, q };
    return { filter, slice: steps.bind("slice", own, sliced, invocations), zeros };
  }
}

/** The queue takes no shared memory; what is shared is copied. */
function unshared(data: Float32Array): Float32Array<ArrayBuffer> {
  return data.buffer instanceof ArrayBuffer
    ? data as Float32Array<ArrayBuffer>
    : new Float32Array(data);
}
