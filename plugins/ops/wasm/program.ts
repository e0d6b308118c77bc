import { assemble } from "./module.ts";
import { combineFunctions, type CombineProgram } from "../interpolate/combine_program.ts";
import { depthwiseFunctions, type DepthwiseProgram } from "../depthwise/wasm_program.ts";
import { gemmFunctions, type GemmProgram } from "./gemm_program.ts";
import type { Wasm } from "./heap.ts";
import { normalizeFunctions, type NormalizeProgram } from "../frozen_norm/wasm_program.ts";
import { rowsFunctions, type RowsProgram } from "./rows_program.ts";

/** All compiled functions; they work on the memory that they were given. */
export type Program =
  & GemmProgram
  & NormalizeProgram
  & DepthwiseProgram
  & RowsProgram
  & CombineProgram;

const modules = new Map<boolean, WebAssembly.Module>();

/**
 * Compiles our functions for a memory.
 *
 * @param memory what addresses mean
 * @param relaxed whether to use relaxed SIMD's multiply-add, which takes half the time and rounds once; false where the engine has none
 * @returns the functions
 * @throws WebAssembly.CompileError where the engine lacks SIMD, or relaxed SIMD that was asked for
 */
export function compileProgram(memory: WebAssembly.Memory, relaxed: boolean): Program {
  let module = modules.get(relaxed);
  if (module === undefined) {
    module = new WebAssembly.Module(programBytes(relaxed));
    modules.set(relaxed, module);
  }
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports as unknown as Program;
}

/** Tries the engine. @returns whether this engine has relaxed SIMD's multiply-add */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(programBytes(true));
}

function programBytes(relaxed: boolean): Uint8Array<ArrayBuffer> {
  return assemble({
    ...gemmFunctions(relaxed),
    ...normalizeFunctions(relaxed),
    ...depthwiseFunctions(relaxed),
    ...rowsFunctions(),
    ...combineFunctions(relaxed),
  });
}

const programs = new WeakMap<object, Program>();

/**
 * The functions on the heap of tfjs's wasm module, compiled at the first call.
 *
 * @param wasm an initialised backend
 * @returns the functions
 */
export function programOf({ wasm }: Wasm): Program {
  const known = programs.get(wasm);
  if (known !== undefined) return known;
  const program = compileProgram(wasm.asm.memory, hasRelaxedSimd());
  programs.set(wasm, program);
  return program;
}
