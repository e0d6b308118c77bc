import { userError } from "../../../core/errors.ts";
import type { Wasm } from "../wasm/heap.ts";

const guarded = new WeakSet<object>();

/**
 * When WebAssembly's 4 GiB are full, malloc returns 0; tfjs uses that as an address and silently overwrites the program's own
 * memory with the tensor. To see it: four tensors of 1 GiB each. This makes it throw.
 *
 * @param wasm an initialised backend; guarded once
 */
export function installWasmOutOfMemory(wasm: Wasm): void {
  const module = wasm.wasm;
  if (guarded.has(module)) return;
  guarded.add(module);
  // Emscripten replaces a stub by the real function at the first call.
  module._free(module._malloc(1));
  const malloc = module._malloc;
  module._malloc = (bytes) => {
    // Sizes of 2^32 bytes and more would wrap around to a small number.
    const offset = bytes < 2 ** 32 ? malloc(bytes) : 0;
    if (offset === 0) {
      throw userError(
        new RangeError(
          `Cannot allocate ${bytes} bytes: WebAssembly's 4 GiB are full or too fragmented; lower batch.micro, set recompute: blocks in a training, or use smaller images`,
        ),
      );
    }
    return offset;
  };
}
