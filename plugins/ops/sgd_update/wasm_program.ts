import {
  type Access,
  ACCESSES,
  advance,
  atLeast,
  FLOAT,
  lessen,
  locals,
} from "../wasm/code_builders.ts";
import { type Code, f32x4, repeatWhile } from "../wasm/instructions.ts";
import { FunctionBuilder } from "../wasm/module.ts";
import { defineWasmProgram } from "../wasm/program.ts";

/** Which terms of an update count. */
export interface SgdTerms {
  /** Weight decay is not 0. */
  readonly decays: boolean;
  /** What becomes of the momentum buffer: there is none, it is written, it is read too. */
  readonly momentum: "none" | "written" | "kept";
  /** The rate is not 0. */
  readonly learns: boolean;
}

/**
 * Updates a parameter: addresses of parameter, gradient, momentum buffer, of the new parameter and buffer; weight decay, momentum, -rate;
 * floats.
 */
export type UpdateParameter = (
  variable: number,
  gradient: number,
  momentum: number,
  to: number,
  next: number,
  decay: number,
  stays: number,
  change: number,
  length: number,
) => void;

const MOMENTA = ["none", "written", "kept"] as const, BOTH = [false, true] as const;

const all: readonly SgdTerms[] = BOTH.flatMap((decays) =>
  MOMENTA.flatMap((momentum) => BOTH.map((learns) => ({ decays, momentum, learns })))
);

/**
 * @param terms that count
 * @returns name of the function that adds up these
 */
export function updateName({ decays, momentum, learns }: SgdTerms): string {
  return `update ${decays} ${momentum} ${learns}`;
}

/** Builds an update: products and sums are rounded one by one, in the order of the composition of tfjs's operations. */
function update({ decays, momentum, learns }: SgdTerms): FunctionBuilder {
  const f = new FunctionBuilder();
  const [variable, gradient, remembered, to, next] = locals(5, () => f.parameter("i32"));
  const factors = locals(3, () => f.parameter("f32")), length = f.parameter("i32");
  const [decay, stays, change] = locals(3, () => f.local("v128"));
  const [old, sum] = locals(2, () => f.local("v128"));
  const addresses = [variable, gradient, to, ...momentum === "none" ? [] : [remembered, next]];
  const one = ({ floats, load, store }: Access): Code => [
    ...old.set(load(variable.get)),
    ...sum.set(
      decays
        ? f32x4.add(f32x4.multiply(old.get, decay.get), load(gradient.get))
        : load(gradient.get),
    ),
    ...momentum === "kept"
      ? sum.set(f32x4.add(sum.get, f32x4.multiply(load(remembered.get), stays.get)))
      : [],
    ...momentum === "none" ? [] : store(next.get, sum.get),
    ...store(
      to.get,
      learns ? f32x4.add(old.get, f32x4.multiply(sum.get, change.get)) : old.get,
    ),
    ...addresses.flatMap((address) => advance(address, floats * FLOAT)),
    ...lessen(length, floats),
  ];
  return f.body(
    ...[decay, stays, change].map((vector, i) => vector.set(f32x4.splat(factors[i]!.get))),
    ...ACCESSES.map((access) => repeatWhile(atLeast(length, access.floats), [one(access)])),
  );
}

/** A function for each {@linkcode SgdTerms}, by {@linkcode updateName}; compiled at the first call. */
export const sgdProgram = defineWasmProgram<Readonly<Record<string, UpdateParameter>>>(() =>
  Object.fromEntries(all.map((terms) => [updateName(terms), update(terms)]))
);
