import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { reusableSize } from "../ops/webgpu/buffer_reuse.ts";

type BufferManager = WebGPUBackend["bufferManager"];

/** What tfjs keeps for reuse, private to it: lists by "size_usage". This file is the one place that reaches in. */
interface Kept {
  readonly freeBuffers: Map<string, GPUBuffer[]>;
  numFreeBuffers: number;
  numBytesAllocated: number;
}

/**
 * tfjs's pool of buffers, kept from growing. By itself it keeps them by exact size and never lets go, so memory grows with every new
 * image size. To see it: `tf.memory().numBytesAllocatedInGPU` while adding tensors of ever new sizes.
 */
export class BufferPool {
  /** Buffers that no tensor uses are freed rather than take more than this. */
  memoryBytes = Infinity;
  readonly #kept: Kept;

  /**
   * @param manager tfjs's, whose `acquireBuffer` is replaced on this object
   * @param limit largest buffer that a kernel can bind
   */
  constructor(manager: BufferManager, limit: () => number) {
    this.#kept = manager as unknown as Kept;
    const acquire = manager.acquireBuffer.bind(manager);
    manager.acquireBuffer = (size, usage, mapped, reuse = true) => {
      const larger = reuse && (usage & GPUBufferUsage.STORAGE) !== 0
        ? this.#larger(size, usage, limit())
        : undefined;
      if (larger !== undefined) return acquire(larger, usage, mapped, reuse);
      if (manager.numBytesAllocated + size > this.memoryBytes) this.freeIdle();
      return acquire(size, usage, mapped, reuse);
    };
  }

  /** Frees what is kept: buffers of work that was submitted, which a device frees when it is done with that. */
  freeIdle(): void {
    const kept = this.#kept;
    for (const buffers of kept.freeBuffers.values()) {
      for (const buffer of buffers) {
        buffer.destroy();
        kept.numBytesAllocated -= buffer.size;
      }
      kept.numFreeBuffers -= buffers.length;
      // Emptied, not removed: tfjs looks its lists up when it releases a buffer of that size.
      buffers.length = 0;
    }
  }

  /** Size of a kept buffer to take instead of making one. */
  #larger(size: number, usage: number, limit: number): number | undefined {
    const { freeBuffers } = this.#kept;
    if ((freeBuffers.get(`${size}_${usage}`)?.length ?? 0) > 0) return undefined;
    const sizes = freeBuffers.values()
      .flatMap((buffers) => buffers[0]?.usage === usage ? [buffers[0].size] : []);
    return reusableSize(size, sizes, limit);
  }
}
