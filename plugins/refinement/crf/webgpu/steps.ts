import {
  MEAN_FIELD_SOURCES,
  type MeanFieldSource,
  type MeanFieldStep,
  type Shape,
  SHAPE_BYTES,
  type StepBuffers,
  WORKGROUP_SIZE,
  writeShape,
} from "./mean_field.wgsl.ts";

/** A step with its buffers, ready to run as often as needed. */
export interface BoundStep {
  readonly pipeline: GPUComputePipeline;
  readonly buffers: GPUBindGroup;
  /** How many there must be at least. */
  readonly invocations: number;
}

/** The compiled steps of mean-field inference on one device. */
export class Steps {
  readonly #pipelines: ReadonlyMap<string, GPUComputePipeline>;

  /** @param device that compiles and runs them */
  constructor(readonly device: GPUDevice) {
    this.#pipelines = new Map(
      Object.entries(MEAN_FIELD_SOURCES).map(([label, { code }]) => {
        const module = device.createShaderModule({ label, code });
        const compute = { module, entryPoint: "main" };
        return [label, device.createComputePipeline({ label, layout: "auto", compute })];
      }),
    );
  }

  /**
   * Gives a step its buffers.
   *
   * @param step its name
   * @param shape block that {@linkcode Shapes} gave
   * @param buffers by the names that the step's source has for them
   * @param invocations how many there must be at least
   * @returns what {@linkcode record} takes
   */
  bind<S extends MeanFieldStep>(
    step: S,
    shape: GPUBufferBinding,
    buffers: StepBuffers<S>,
    invocations: number,
  ): BoundStep {
    const pipeline = this.#pipelines.get(step)!;
    const source: MeanFieldSource = MEAN_FIELD_SOURCES[step];
    const named: Readonly<Record<string, GPUBuffer>> = buffers;
    const entries = source.bindings.map((name, i) => ({
      binding: i + 1,
      resource: { buffer: named[name]! },
    }));
    const group = this.device.createBindGroup({
      label: step,
      layout: pipeline.getBindGroupLayout(0),
      entries: [{ binding: 0, resource: shape }, ...entries],
    });
    return { pipeline, buffers: group, invocations };
  }

  /**
   * Records steps, one after the other.
   *
   * @param encoder of a command buffer
   * @param steps in order; each sees what those before it wrote
   */
  record(encoder: GPUCommandEncoder, steps: readonly BoundStep[]): void {
    const most = this.device.limits.maxComputeWorkgroupsPerDimension;
    const context = encoder.beginComputePass();
    for (const { pipeline, buffers, invocations } of steps) {
      const groups = Math.ceil(invocations / WORKGROUP_SIZE), rows = Math.ceil(groups / most);
      context.setPipeline(pipeline);
      context.setBindGroup(0, buffers);
      context.dispatchWorkgroups(Math.ceil(groups / rows), rows);
    }
    context.end();
  }
}

/** Uniform blocks behind one another in one buffer. */
export class Shapes {
  readonly #stride: number;
  readonly #view: DataView<ArrayBuffer>;
  #count = 0;

  /**
   * @param device whose alignment holds
   * @param buffer that will have them
   * @param count of them at most
   */
  constructor(device: GPUDevice, readonly buffer: GPUBuffer, count: number) {
    this.#stride = shapeStride(device);
    this.#view = new DataView(new ArrayBuffer(count * this.#stride));
  }

  /**
   * @param shape values of one more block
   * @returns where a step finds it
   */
  add(shape: Shape): GPUBufferBinding {
    const offset = this.#count++ * this.#stride;
    writeShape(this.#view, offset, shape);
    return { buffer: this.buffer, offset, size: SHAPE_BYTES };
  }

  /** Sends the blocks to the device. */
  upload(device: GPUDevice): void {
    // Its buffer: Dawn's binding for Node takes no DataView.
    device.queue.writeBuffer(this.buffer, 0, this.#view.buffer);
  }
}

/**
 * Finds how far apart uniform blocks lie.
 *
 * @param device whose alignment holds
 * @returns bytes from one uniform block to the next
 */
export function shapeStride(device: GPUDevice): number {
  return Math.max(device.limits.minUniformBufferOffsetAlignment, SHAPE_BYTES);
}
