import {
  advance,
  assemble,
  type Code,
  f32x4,
  FunctionBuilder,
  i32,
  type Local,
  locals,
  repeat,
  times,
} from "seamstress/ops";
import { FLOAT, INTEGER, LANES } from "./sizes.ts";
import { softmax } from "./softmax.ts";

/** What {@linkcode meanFieldProgram} compiles. All addresses are bytes in the imported memory. */
export interface MeanFieldProgram {
  /** q = softmax(logits), splatted onto the lattices. */
  start(...context: number[]): void;
  /** q = softmax(logits + messages sliced from the lattices), splatted onto the lattices. */
  step(...context: number[]): void;
  /** Replaces logits by q = softmax(logits + messages sliced from the lattices). */
  finish(...context: number[]): void;
  /**
   * Blurs along one axis: each vertex gets itself and half of each neighbour.
   *
   * @param from first vertex's values
   * @param end behind the last vertex's values; there is at least one vertex
   * @param to first vertex's blurred values
   * @param neighbours `[vertices][2]` offsets from `from`
   */
  blur(from: number, end: number, to: number, neighbours: number): void;
}

/**
 * Compiles mean-field inference for a number of labels. One pass over the pixels slices the messages, takes the softmax and splats it
 * again while a pixel's labels are in registers; label loops are unrolled. The same loops over typed arrays take twice to thrice the
 * time: V8 has no vector instructions for them, and turns every float into a double and back.
 *
 * The arguments of the three passes are the addresses of logits `[pixels][labels]`, their end, vertices `[pixels][corners]` as offsets
 * into the lattice's values, weights `[pixels][corners]`, and then for each lattice: values to slice from, values to splat onto (0 so
 * far), and the factor of the messages.
 *
 * @param labels a multiple of 4
 * @param corners for each lattice the vertices of a simplex; a pixel's corners lie behind one another
 * @returns a module that imports `env.memory` and exports a {@linkcode MeanFieldProgram}
 */
export function meanFieldProgram(
  labels: number,
  corners: readonly number[],
): Uint8Array<ArrayBuffer> {
  return assemble({
    start: context(labels, corners, { slices: false, splats: true }),
    step: context(labels, corners, { slices: true, splats: true }),
    finish: context(labels, corners, { slices: true, splats: false }),
    blur: blur(labels),
  });
}

/** One vertex of a pixel's simplex: its address and the pixel's share of it. */
interface Corner {
  readonly vertex: Local;
  readonly weight: Local;
}

/** A lattice as a pass sees it. */
interface Messages {
  readonly read: Local;
  readonly write: Local;
  readonly factor: Local;
  readonly corners: readonly Corner[];
}

function context(
  labels: number,
  corners: readonly number[],
  does: { readonly slices: boolean; readonly splats: boolean },
): FunctionBuilder {
  const f = new FunctionBuilder();
  const [logits, end, vertices, weights] = locals(4, () => f.parameter("i32"));
  const parameters = corners.map(() => ({
    read: f.parameter("i32"),
    write: f.parameter("i32"),
    scalar: f.parameter("f32"),
  }));
  const lattices: Messages[] = parameters.map(({ read, write }, k) => ({
    read,
    write,
    factor: f.local("v128"),
    corners: times(corners[k]!, () => ({ vertex: f.local("i32"), weight: f.local("v128") })),
  }));
  const all = lattices.flatMap((lattice) => lattice.corners);
  const values = times(labels / LANES, () => f.local("v128"));
  const forEachBlock = (code: (value: Local, offset: number) => Code) =>
    values.flatMap((value, block) => code(value, block * LANES * FLOAT));

  return f.body(
    ...lattices.map(({ factor }, k) => factor.set(f32x4.splat(parameters[k]!.scalar.get))),
    repeat([
      ...all.map(({ vertex }, j) => vertex.set(i32.load(vertices.get, j * INTEGER))),
      ...all.map(({ weight }, j) => weight.set(f32x4.loadSplat(weights.get, j * FLOAT))),
      forEachBlock((value, offset) => value.set(f32x4.load(logits.get, offset))),
      ...does.slices ? lattices.map((lattice) => slice(lattice, forEachBlock)) : [],
      softmax(f, values),
      ...does.splats
        ? lattices.map((lattice) => splat(lattice, forEachBlock))
        : [forEachBlock((value, offset) => f32x4.store(logits.get, value.get, offset))],
      advance(logits, labels * FLOAT),
      advance(vertices, all.length * INTEGER),
      advance(weights, all.length * FLOAT),
    ], i32.lessUnsigned(logits.get, end.get)),
  );
}

type EachBlock = (code: (value: Local, offset: number) => Code) => Code;

/** value += factor · Σ weight · message of the vertex. */
function slice({ read, factor, corners }: Messages, forEachBlock: EachBlock): Code {
  const move = corners.flatMap(({ vertex }) => vertex.set(i32.add(vertex.get, read.get)));
  const back = corners.flatMap(({ vertex }) => vertex.set(i32.subtract(vertex.get, read.get)));
  const messages = (offset: number) =>
    corners.map(({ vertex, weight }) => f32x4.multiply(weight.get, f32x4.load(vertex.get, offset)))
      .reduce(f32x4.add);
  const sum = forEachBlock((value, offset) =>
    value.set(f32x4.add(value.get, f32x4.multiply(factor.get, messages(offset))))
  );
  return [...move, ...sum, ...back];
}

/** Values of each vertex += weight · value. */
function splat({ write, corners }: Messages, forEachBlock: EachBlock): Code {
  return corners.flatMap(({ vertex, weight }) => [
    ...vertex.set(i32.add(vertex.get, write.get)),
    ...forEachBlock((value, offset) =>
      f32x4.store(
        vertex.get,
        f32x4.add(f32x4.load(vertex.get, offset), f32x4.multiply(weight.get, value.get)),
        offset,
      )
    ),
  ]);
}

function blur(labels: number): FunctionBuilder {
  const f = new FunctionBuilder();
  const [from, end, to, neighbours] = locals(4, () => f.parameter("i32"));
  const start = f.local("i32"), before = f.local("i32"), after = f.local("i32");
  const blurred = (offset: number) =>
    f32x4.add(
      f32x4.load(from.get, offset),
      f32x4.multiply(
        f32x4.constant(0.5),
        f32x4.add(f32x4.load(before.get, offset), f32x4.load(after.get, offset)),
      ),
    );
  return f.body(
    start.set(from.get),
    repeat([
      before.set(i32.add(i32.load(neighbours.get), start.get)),
      after.set(i32.add(i32.load(neighbours.get, INTEGER), start.get)),
      ...times(labels / LANES, (block) => {
        const offset = block * LANES * FLOAT;
        return f32x4.store(to.get, blurred(offset), offset);
      }),
      advance(from, labels * FLOAT),
      advance(to, labels * FLOAT),
      advance(neighbours, 2 * INTEGER),
    ], i32.lessUnsigned(from.get, end.get)),
  );
}
