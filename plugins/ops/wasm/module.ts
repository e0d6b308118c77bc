import { type Bytes, list, name, sized, unsigned } from "./encoding.ts";
import type { Code } from "./instructions.ts";

/** Type of a parameter or local variable. */
export type ValueType = "i32" | "f32" | "v128";

/** How WebAssembly encodes them. */
const TYPES: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

/** A parameter or local variable. */
export interface Local {
  /** Puts its value on the stack. */
  readonly get: Code;
  /** Gives it a value. */
  set(value: Code): Code;
}

/** Builds one WebAssembly function, and numbers its parameters and locals. The function returns nothing. */
export class FunctionBuilder {
  readonly #parameters: ValueType[] = [];
  readonly #locals: ValueType[] = [];
  #code: readonly Code[] = [];

  /**
   * Adds a parameter.
   *
   * @param type of a new last parameter; only before the first local
   */
  parameter(type: ValueType): Local {
    this.#parameters.push(type);
    return this.#place();
  }

  /**
   * Adds a local variable.
   *
   * @param type of a new local variable, 0 at first
   */
  local(type: ValueType): Local {
    this.#locals.push(type);
    return this.#place();
  }

  /**
   * Sets the instructions.
   *
   * @param code what the function does, in order
   */
  body(...code: readonly Code[]): this {
    this.#code = code;
    return this;
  }

  /** @internal type as the module's type section lists it */
  get type(): Bytes {
    return [0x60, ...list(this.#parameters.map((type) => [TYPES[type]])), ...list([])];
  }

  /** @internal locals and instructions as the module's code section lists them */
  get code(): Bytes {
    const locals = this.#locals.map((type) => [1, TYPES[type]]);
    return sized([...list(locals), ...this.#code.flat(), 0x0b]);
  }

  #place(): Local {
    const index = unsigned(this.#parameters.length + this.#locals.length - 1);
    return { get: [0x20, ...index], set: (value) => [...value, 0x21, ...index] };
  }
}

/**
 * Pages of 64 KiB that a memory has at least. With one, the engine knows that an offset within an instruction lies inside of it, and
 * checks the sum alone: where it does not leave that to the processor's paging, as Deno's does not, it would check each of them, too.
 */
const LEAST_PAGES = 1;

const section = (id: number, items: readonly Bytes[]): Bytes => [id, ...sized(list(items))];

/**
 * Assembles a WebAssembly module that imports one memory, `env.memory`, of a page or more, and exports functions.
 *
 * @param functions by the names they are exported under
 * @returns the module's bytes
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { assemble, f32x4, FunctionBuilder } from "seamstress/ops";
 * const double = new FunctionBuilder();
 * const at = double.parameter("i32");
 * double.body(f32x4.store(at.get, f32x4.add(f32x4.load(at.get), f32x4.load(at.get))));
 * const memory = new WebAssembly.Memory({ initial: 1 });
 * const module = new WebAssembly.Module(assemble({ double }));
 * const { exports } = new WebAssembly.Instance(module, { env: { memory } });
 * const floats = new Float32Array(memory.buffer, 0, 4);
 * floats.set([1, 2, 3, 4]);
 * (exports["double"] as (at: number) => void)(0);
 * assertEquals([...floats], [2, 4, 6, 8]);
 * ```
 */
export function assemble(
  functions: Readonly<Record<string, FunctionBuilder>>,
): Uint8Array<ArrayBuffer> {
  const names = Object.keys(functions), built = Object.values(functions);
  const memory = [...name("env"), ...name("memory"), 2, 0, ...unsigned(LEAST_PAGES)];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, built.map((f) => f.type)),
    ...section(2, [memory]),
    ...section(3, built.map((_, i) => unsigned(i))),
    ...section(7, names.map((text, i) => [...name(text), 0, ...unsigned(i)])),
    ...section(10, built.map((f) => f.code)),
  ]);
}
