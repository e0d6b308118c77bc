import type { ParamSpec } from "../../../core/contracts/params.ts";
import type { Rng } from "../../../core/rng.ts";
import { fans, fromTorch } from "./layout.ts";

/** Default bounds of PyTorch's `trunc_normal_`. */
const TRUNCATED_AT = 2;

/**
 * Initialises a parameter, on the CPU, so that every backend starts from the same numbers.
 *
 * @param spec the parameter; `xavier-uniform` is U(±gain·√(6 / (fanIn + fanOut))) (Glorot & Bengio 2010), `kaiming-normal` is
 *   N(0, scale·√(2 / fanIn)) (He et al. 2015), with PyTorch's fans; `normal` is N(0, std), `truncated-normal` the same without what
 *   lies outside of -2..2, the bounds of PyTorch's and timm's `trunc_normal_` whatever `std` is
 * @param rng the stream of all initialisation; this parameter draws from `rng.child("init", name)`, in PyTorch's memory order
 * @returns row-major in `spec.shape`
 * @throws {RangeError} where a vector asks for a formula with fans
 */
export function initialValues(spec: ParamSpec, rng: Rng): Float32Array {
  const values = new Float32Array(spec.shape.reduce((product, size) => product * size, 1));
  const { init } = spec;
  switch (init.kind) {
    case "zeros":
      return values;
    case "ones":
      return values.fill(1);
    case "xavier-uniform": {
      const stream = rng.child("init", spec.name);
      const { fanIn, fanOut } = fans(spec);
      const bound = init.gain * Math.sqrt(6 / (fanIn + fanOut));
      for (let i = 0; i < values.length; i++) values[i] = stream.uniform(-bound, bound);
      break;
    }
    case "kaiming-normal": {
      const stream = rng.child("init", spec.name);
      const deviation = init.scale * Math.sqrt(2 / fans(spec).fanIn);
      for (let i = 0; i < values.length; i++) values[i] = deviation * stream.normal();
      break;
    }
    case "normal":
    case "truncated-normal": {
      const stream = rng.child("init", spec.name);
      const bound = init.kind === "normal" ? Infinity : TRUNCATED_AT;
      for (let i = 0; i < values.length; i++) {
        do values[i] = init.std * stream.normal(); while (Math.abs(values[i]!) > bound);
      }
      break;
    }
  }
  return fromTorch(values, spec);
}
