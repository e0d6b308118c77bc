import { f32x4 } from "./instructions.ts";
import { assemble, FunctionBuilder } from "./module.ts";
import type { Wasm } from "./heap.ts";

/** Functions under construction, by name. */
export type Functions = Readonly<Record<string, FunctionBuilder>>;

/** WebAssembly functions of an operation, that work on the heap of tfjs's wasm module. */
export class WasmProgram<P extends object> {
  readonly #functions: (relaxed: boolean) => Functions;
  readonly #modules = new Map<boolean, WebAssembly.Module>();
  /** Compiled functions by the wasm module whose heap they use. */
  readonly #compiled = new WeakMap<object, P>();

  /**
   * Functions are built and compiled when they are first used.
   *
   * @param functions builds them, given whether the engine has relaxed SIMD
   */
  constructor(functions: (relaxed: boolean) => Functions) {
    this.#functions = functions;
  }

  /**
   * Compiles the functions for a memory.
   *
   * @param memory the memory that addresses refer to
   * @param relaxed whether to use relaxed SIMD's multiply-add, which takes half the time and rounds once; false where the engine has
   *   none
   * @returns the functions
   * @throws WebAssembly.CompileError where the engine lacks SIMD, or relaxed SIMD that was asked for
   */
  compile(memory: WebAssembly.Memory, relaxed: boolean): P {
    let module = this.#modules.get(relaxed);
    if (module === undefined) {
      module = new WebAssembly.Module(assemble(this.#functions(relaxed)));
      this.#modules.set(relaxed, module);
    }
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    // The program's type declares the functions and their parameters.
    return exports as unknown as P;
  }

  /**
   * The functions on the heap of tfjs's wasm module, compiled at the first call.
   *
   * @param wasm an initialised backend
   * @returns the functions
   */
  on({ wasm }: Wasm): P {
    const known = this.#compiled.get(wasm);
    if (known !== undefined) return known;
    const compiled = this.compile(wasm.asm.memory, hasRelaxedSimd());
    this.#compiled.set(wasm, compiled);
    return compiled;
  }
}

/**
 * Defines functions that kernels on wasm call, such as `copyRows(from, step, to, …)`; addresses are byte offsets.
 *
 * @param functions builds them, given whether the engine has relaxed SIMD
 * @returns the program, which compiles its functions at the first call
 */
export function defineWasmProgram<P extends object>(
  functions: (relaxed: boolean) => Functions,
): WasmProgram<P> {
  return new WasmProgram<P>(functions);
}

/** Tests the engine. @returns whether this engine has relaxed SIMD's multiply-add */
export function hasRelaxedSimd(): boolean {
  const f = new FunctionBuilder(), x = f.local("v128");
  f.body(x.set(f32x4.relaxedMultiplyAdd(x.get, x.get, x.get)));
  return WebAssembly.validate(assemble({ f }));
}
