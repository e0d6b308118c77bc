import { type Code, f32x4, type FunctionBuilder, type Local } from "seamstress/ops";

/** Below it exp is smaller than any normal float: taken as 0. */
const LOWEST = -88;
/** ln 2 in two parts, the first of which has so few digits that its product with a whole number is exact. */
const LN2_HIGH = 0.693359375, LN2_LOW = Math.LN2 - LN2_HIGH;
/** Taylor's coefficients, highest power first. Off 0 by at most ln(2) / 2 the rest is below float's rounding. */
const COEFFICIENTS = [1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1, 1];

/**
 * Code that takes the softmax of numbers in registers, four lanes each: exp(values - max) / Σ exp(values - max).
 *
 * @param f the function that will hold the code; gets local variables for it
 * @param values changed in place; lanes of -1e30 become 0
 * @returns the code
 */
export function softmax(f: FunctionBuilder, values: readonly Local[]): Code {
  const common = f.local("v128"), exp = exponential(f);
  const get = values.map((value) => value.get);
  const acrossLanes = (combine: (a: Code, b: Code) => Code): Code => [
    ...common.set(get.reduce(combine)),
    ...common.set(combine(common.get, f32x4.rotate(common.get, 2))),
    ...common.set(combine(common.get, f32x4.rotate(common.get, 1))),
  ];
  return [
    ...acrossLanes(f32x4.max),
    ...values.flatMap((value) => [
      ...value.set(f32x4.subtract(value.get, common.get)),
      ...exp(value),
    ]),
    ...acrossLanes(f32x4.add),
    ...common.set(f32x4.divide(f32x4.constant(1), common.get)),
    ...values.flatMap((value) => value.set(f32x4.multiply(value.get, common.get))),
  ];
}

/**
 * Code that replaces floats by e to their power, to 2e-7 relative: 2^n times a polynomial of the rest.
 *
 * @returns maker of code that computes `x = exp(x)`, for x <= 0 in four lanes
 */
function exponential(f: FunctionBuilder): (x: Local) => Code {
  const rest = f.local("v128"), power = f.local("v128"), sum = f.local("v128");
  const { constant, add, subtract, multiply } = f32x4;
  return (x) => [
    ...rest.set(f32x4.max(x.get, constant(LOWEST))),
    ...power.set(f32x4.nearest(multiply(rest.get, constant(Math.LOG2E)))),
    ...rest.set(subtract(rest.get, multiply(power.get, constant(LN2_HIGH)))),
    ...rest.set(subtract(rest.get, multiply(power.get, constant(LN2_LOW)))),
    ...sum.set(constant(COEFFICIENTS[0]!)),
    ...COEFFICIENTS.slice(1).flatMap((coefficient) =>
      sum.set(add(multiply(sum.get, rest.get), constant(coefficient)))
    ),
    ...x.set(multiply(sum.get, f32x4.powerOfTwo(power.get))),
  ];
}
