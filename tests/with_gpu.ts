/** Runs a test as on a machine whose `navigator.gpu` is something else. */
export async function withGpu(gpu: unknown, run: () => Promise<void>): Promise<void> {
  Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
  try {
    await run();
  } finally {
    // The real one is a getter of the prototype.
    Reflect.deleteProperty(navigator, "gpu");
  }
}
