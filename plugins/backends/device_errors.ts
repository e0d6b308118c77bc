import { userError } from "../../core/errors.ts";

const LESS =
  "lower batch.micro, set recompute: blocks in a training, use smaller images or scales, state the GPU's memory in GB as " +
  'backend.memory, or use "backend: wasm"';

/**
 * Collects the errors of a WebGPU device. The device tells nobody but those who listen: calls return as if nothing had happened,
 * and what a failed one should have computed are zeros.
 */
export class DeviceErrors {
  readonly #named: string[] = [];
  readonly #reported: GPUError[] = [];
  #lost: string | undefined;

  /** @param device whose errors these are; nobody else should handle them */
  constructor(device: GPUDevice) {
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#reported.push((event as GPUUncapturedErrorEvent).error);
    });
    device.lost.then(({ reason, message }) => {
      this.#lost = message === "" ? reason : `${reason}: ${message}`;
    });
  }

  /** Why the device was lost, or undefined while it works. */
  get lost(): string | undefined {
    return this.#lost;
  }

  /**
   * Adds an error whose cause is known. The device reports its consequences besides: this is named before them.
   *
   * @param message which shader, and what is wrong with it
   */
  add(message: string): void {
    this.#named.push(message);
  }

  /** Forgets all but the loss of the device, which is for good. */
  clear(): void {
    this.#named.length = 0;
    this.#reported.length = 0;
  }

  /** What went wrong since {@linkcode clear}; a user error where other settings would help. */
  get problem(): Error | undefined {
    // First: a buffer that was not made lets all else fail that uses it.
    const shortage = this.#reported.find((error) => error instanceof GPUOutOfMemoryError);
    if (shortage !== undefined || /memory/i.test(this.#lost ?? "")) {
      const says = shortage?.message ?? this.#lost;
      return userError(
        new RangeError(`The WebGPU device is out of memory (${says}): ${LESS}`),
      );
    }
    const [named] = this.#named;
    if (named !== undefined) return new Error(named);
    if (this.#lost !== undefined) {
      return userError(
        new Error(
          `The WebGPU device was lost (${this.#lost}): results since the last check are void; continue with --resume; ` +
            `where it is lost again, ${LESS}`,
        ),
      );
    }
    const [first, ...others] = this.#reported;
    if (first === undefined) return undefined;
    const more = others.length > 0 ? ` (and ${others.length} more)` : "";
    return new Error(
      `The WebGPU device reported an error, results since the last check are void: ${first.message}${more}`,
    );
  }
}
