import type { ParamSpec, Plugin } from "seamstress";
import { BACKENDS, prepareBackend, type TestedBackend, whyMissing } from "./backends.ts";
import {
  type Differentiable,
  differentiate,
  type Point,
  type Problem,
  RESULT,
  startOf,
} from "./differentiated.ts";
import { inFloat64 } from "./float64.ts";
import { largest, type Numbers, relativeDifference } from "./numbers.ts";

/** How backends are compared. */
export interface BackendsOptions {
  /** Parameters that the function reads; gradients of those that train are compared too. */
  readonly params?: readonly ParamSpec[];
  /** Plugins whose operations are installed besides those that ship. */
  readonly plugins?: readonly Plugin[];
  /** Backends to compute on; all three unless given. */
  readonly backends?: readonly TestedBackend[];
  /** Backends that must be there: the check fails where one is not. None unless given. */
  readonly required?: readonly TestedBackend[];
  /** Largest difference from float64, in parts of the largest value: 1e-4 unless given. */
  readonly tolerance?: number;
  /** Told of backends that are not there; writes to the terminal unless given. */
  readonly warn?: (text: string) => void;
}

/** Where it was computed. */
export interface BackendsReport {
  /** The largest difference by backend, in parts of the largest value. */
  readonly differences: Readonly<Partial<Record<TestedBackend, number>>>;
  /** Why backends were left out; empty where all were there. */
  readonly missing: Readonly<Partial<Record<TestedBackend, string>>>;
}

/**
 * Computes a function and its gradients on every backend that is there, and compares all of them with the cpu backend in float64
 * ({@linkcode checkGradient} says how). A backend that is not there is said to be missing, on the terminal and in the report; name it
 * in `required` where a test must not pass without it.
 *
 * A test that has WebGPU's device needs `sanitizeOps: false, sanitizeResources: false`: the device outlives it.
 *
 * @param compute of the inputs by name, and of parameters; any tensor
 * @param inputs by name
 * @param options what is compared, and how closely
 * @returns differences, and what was missing
 * @throws {Error} naming the backend, the quantity and the difference; where a backend that is required is missing
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { checkBackends, uniform } from "seamstress/testing";
 * import { resizeBilinear } from "seamstress/ops";
 * import type * as tf from "@tensorflow/tfjs";
 * const { differences } = await checkBackends(
 *   ({ x }) => resizeBilinear(x as tf.Tensor4D, [5, 9]),
 *   { x: uniform([1, 2, 3, 4]) },
 *   { backends: ["cpu", "wasm"] },
 * );
 * assert(differences.wasm! < 1e-6);
 * ```
 */
export async function checkBackends<N extends string>(
  compute: Differentiable<N>,
  inputs: Readonly<Record<N, Numbers>>,
  options: BackendsOptions = {},
): Promise<BackendsReport> {
  const {
    params = [],
    plugins = [],
    backends = BACKENDS,
    required = [],
    tolerance = 1e-4,
    warn = warnOnTerminal,
  } = options;
  const problem: Problem = { compute: compute as Differentiable, inputs, params };
  const missing: Partial<Record<TestedBackend, string>> = {};
  for (const name of new Set([...backends, ...required])) {
    const why = await whyMissing(name);
    if (why === undefined) continue;
    if (required.includes(name)) {
      throw new Error(`Cannot compare backends: ${name} is required, and ${why}`);
    }
    missing[name] = why;
    warn(`NOT COMPARED: nothing is computed on ${name}: ${why}`);
  }
  const { point, wanted } = await inFloat64On(problem, plugins);
  const differences: Partial<Record<TestedBackend, number>> = {};
  for (const name of backends) {
    if (missing[name] !== undefined) continue;
    await using prepared = await prepareBackend(name, plugins);
    const found = await computeOn(problem, point);
    await prepared.info.check();
    differences[name] = compare(name, found, wanted, tolerance);
  }
  return { differences, missing };
}

/** The result and the gradients, by what they are called. */
type Computed = ReadonlyMap<string, Float64Array>;

async function inFloat64On(
  problem: Problem,
  plugins: readonly Plugin[],
): Promise<{ point: Point; wanted: Computed }> {
  await using _ = await prepareBackend("cpu", plugins);
  return inFloat64(() => {
    const point = startOf(problem), wanted = new Map<string, Float64Array>();
    for (const [name, tensor] of differentiate(problem, point)) {
      wanted.set(name, Float64Array.from(tensor.dataSync()));
      tensor.dispose();
    }
    return { point, wanted };
  });
}

async function computeOn(problem: Problem, point: Point): Promise<Computed> {
  const found = new Map<string, Float64Array>();
  for (const [name, tensor] of differentiate(problem, point)) {
    found.set(name, Float64Array.from(await tensor.data()));
    tensor.dispose();
  }
  return found;
}

/** The largest difference of all quantities; throws at the first that is over the tolerance. */
function compare(
  backend: TestedBackend,
  found: Computed,
  wanted: Computed,
  tolerance: number,
): number {
  const differences = [...wanted].map(([name, values]) => {
    const what = name === RESULT ? name : `the gradient of ${name}`;
    const other = found.get(name);
    if (other === undefined) {
      throw new Error(`On ${backend} there is no gradient of ${name}; in float64 there is one`);
    }
    const difference = relativeDifference(other, values);
    if (difference <= tolerance) return difference;
    throw new Error(
      `On ${backend} ${what} is off by ${
        difference.toExponential(1)
      } of its largest value from float64; ` +
        `${tolerance} is allowed`,
    );
  });
  return largest(differences);
}

function warnOnTerminal(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`\n!!! ${text} !!!\n`));
}
