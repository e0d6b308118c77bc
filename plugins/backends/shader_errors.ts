/**
 * Names the shaders that a device refuses. tfjs compiles a kernel at its first call and never asks whether that went well: a kernel
 * that does not compile does nothing, and the device reports it under the name "Object", among the errors that follow from it.
 */
export class ShaderErrors {
  readonly #device: GPUDevice;
  readonly #report: (message: string) => void;
  readonly #pending = new Set<Promise<void>>();
  /** Name of the shader that a kernel that is being called may compile. */
  #name: string | undefined;
  #made: GPUShaderModule | undefined;

  /**
   * @param device whose `createShaderModule` is replaced on this object
   * @param report gets a message a refused shader
   */
  constructor(device: GPUDevice, report: (message: string) => void) {
    this.#device = device;
    this.#report = report;
    const create = device.createShaderModule.bind(device);
    device.createShaderModule = (descriptor) => {
      const label = this.#name;
      if (label === undefined || this.#made) return create(descriptor);
      // Closed by run(): takes in what the pipeline made of the shader says, too.
      device.pushErrorScope("validation");
      return this.#made = create({ ...descriptor, label });
    };
  }

  /**
   * Runs a kernel; looks at its shader where that is compiled for the first time.
   *
   * @param name of the shader
   * @param execute compiles one shader at most
   * @param refused called, later, where the device does not take the shader
   * @returns what `execute` gives
   */
  run<T>(name: string, execute: () => T, refused: () => void): T {
    this.#name = name;
    try {
      return execute();
    } finally {
      this.#name = undefined;
      const made = this.#made;
      this.#made = undefined;
      if (made) {
        const looked = this.#look(name, made, refused).finally(() => this.#pending.delete(looked));
        this.#pending.add(looked);
      }
    }
  }

  /** Resolves when every shader so far was looked at. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }

  async #look(name: string, module: GPUShaderModule, refused: () => void): Promise<void> {
    // A lost device answers nothing; that it was lost is reported elsewhere.
    const error = await this.#device.popErrorScope().catch(() => null);
    if (error === null) return;
    refused();
    const { messages } = await module.getCompilationInfo();
    const found = messages.find(({ type }) => type === "error");
    if (found === undefined) {
      this.#report(`The WebGPU device refused shader ${name}: ${error.message.trim()}`);
      return;
    }
    this.#report(
      `Cannot compile shader ${name}, line ${found.lineNum}, for this WebGPU device; use "backend: wasm" until that is fixed\n${found.message.trim()}`,
    );
  }
}
