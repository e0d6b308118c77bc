import { assertEquals } from "@std/assert";
import { depthwiseSteps, type Steps } from "../../../../plugins/ops/depthwise/wasm_program.ts";
import { normalizeProgram } from "../../../../plugins/ops/frozen_norm/wasm_program.ts";
import { combineProgram } from "../../../../plugins/ops/interpolate/combine_program.ts";
import { gemmProgram } from "../../../../plugins/ops/wasm/gemm_program.ts";
import { hasRelaxedSimd } from "../../../../plugins/ops/wasm/program.ts";
import { rowsProgram } from "../../../../plugins/ops/wasm/rows_program.ts";
import { transposeProgram } from "../../../../plugins/ops/wasm/transpose.ts";
import { randomArray } from "../random.ts";
import { leaveOut } from "../../../leave_out.ts";

/** All functions, on one memory. */
function compileAll(memory: WebAssembly.Memory, relaxed: boolean) {
  return {
    ...gemmProgram.compile(memory, relaxed),
    ...rowsProgram.compile(memory, relaxed),
    depthwise: (steps: Steps) => depthwiseSteps(steps).compile(memory, relaxed),
    ...transposeProgram.compile(memory, relaxed),
    ...normalizeProgram.compile(memory, relaxed),
    ...combineProgram.compile(memory, relaxed),
  };
}

/** Bytes that no function may touch, before and behind every block. */
const GUARD = 64;

/** Blocks of floats in a memory of their own, each between guards. */
export class Arena {
  readonly #memory = new WebAssembly.Memory({ initial: 64 });
  readonly #guards: number[] = [0];
  readonly program: ReturnType<typeof compileAll>;
  #end = GUARD;

  /** @param relaxed which of the two programs */
  constructor(relaxed: boolean) {
    this.program = compileAll(this.#memory, relaxed);
    this.#guard(0).fill(7);
  }

  /** @returns byte offset of the values' copy, at no better alignment than a float's */
  put(values: ArrayLike<number>): number {
    const at = this.#end;
    this.#guards.push(at + values.length * 4);
    this.#end = at + values.length * 4 + GUARD;
    this.floats(at, values.length).set(values);
    this.#guard(this.#guards.at(-1)!).fill(7);
    return at;
  }

  /** @returns byte offset of uniform numbers in -1 .. 1, which depend on their name */
  random(name: string, length: number): number {
    return this.put(randomArray(name, [length]).data);
  }

  /** @returns the floats from an offset on */
  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, length);
  }

  /** Fails where something was written between the blocks. */
  check(what: string): void {
    for (const at of this.#guards) {
      assertEquals([...this.#guard(at)], Array<number>(GUARD).fill(7), `${what}: guard at ${at}`);
    }
  }

  #guard(at: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, GUARD);
  }
}

/**
 * Registers a test for each program that this engine takes.
 *
 * @param name a sentence
 * @param fn gets what makes a fresh arena
 */
export function eachProgram(name: string, fn: (arena: () => Arena) => void): void {
  for (const relaxed of [false, true]) {
    const kind = relaxed ? "relaxed SIMD" : "plain SIMD";
    const ignore = relaxed && !hasRelaxedSimd();
    if (ignore) leaveOut("this engine has no relaxed SIMD");
    Deno.test({ name: `${name} [${kind}]`, ignore, fn: () => fn(() => new Arena(relaxed)) });
  }
}
