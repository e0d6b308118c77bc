import type { BackendInfo } from "./backend.ts";

/** Contract of kind `op`: an operation on tensors with kernels of its own. Preparing a backend registers those that it can run. */
export interface Op {
  /**
   * Gives tfjs its gradient and its kernel for a backend; does nothing the second time.
   *
   * @param backend whose package was imported; it need not have been started
   */
  install(backend: BackendInfo["name"]): void;
}
