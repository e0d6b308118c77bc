/** Buffer sizes are rounded up to a multiple of 1/8 of the power of two below, which leaves room for a larger image. */
const STEPS = 8;
/** Copies and bindings need multiples of it. */
const ALIGNMENT = 16;

/** What a {@linkcode DeviceBuffers} holds. */
export interface BufferCount {
  readonly buffers: number;
  readonly bytes: number;
}

/**
 * A device's buffers by name. One that is asked for again stays where it is large enough, so that images of like size share them; a
 * larger one takes its place. WebGPU keeps a destroyed buffer alive until submitted work is done.
 */
export class DeviceBuffers {
  readonly #held = new Map<string, GPUBuffer>();
  #created = 0;
  #destroyed = 0;

  /**
   * @param device that makes them
   * @param most maximum bytes of one buffer
   */
  constructor(readonly device: GPUDevice, readonly most: number) {}

  /** Buffers that were created and not destroyed yet. */
  get memory(): BufferCount {
    const bytes = this.#held.values().reduce((sum, { size }) => sum + size, 0);
    return { buffers: this.#created - this.#destroyed, bytes };
  }

  /**
   * Returns a buffer, whose contents are those of its last use.
   *
   * @param name of the buffer
   * @param bytes that it must have at least, at most `most`
   * @param usage the same for a name always
   * @returns the buffer
   */
  get(name: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const held = this.#held.get(name);
    if (held !== undefined && held.size >= bytes) return held;
    this.#destroy(name);
    const size = Math.min(roomy(bytes), this.most);
    const buffer = this.device.createBuffer({ label: `dense CRF: ${name}`, size, usage });
    this.#held.set(name, buffer);
    this.#created++;
    return buffer;
  }

  /** Destroys all buffers. */
  clear(): void {
    for (const name of [...this.#held.keys()]) this.#destroy(name);
  }

  #destroy(name: string): void {
    const buffer = this.#held.get(name);
    if (buffer === undefined) return;
    buffer.destroy();
    this.#held.delete(name);
    this.#destroyed++;
  }
}

function roomy(bytes: number): number {
  const step = Math.max(ALIGNMENT, 2 ** Math.floor(Math.log2(Math.max(bytes, 1))) / STEPS);
  return Math.ceil(Math.max(bytes, 1) / step) * step;
}
