import {
  type Access,
  ACCESSES,
  advance,
  atLeast,
  FLOAT,
  lessen,
  type Locals,
  locals,
  times,
} from "../../wasm/code_builders.ts";
import { type Code, f32x4, i32, repeatWhile } from "../../wasm/instructions.ts";
import { FunctionBuilder, type Local } from "../../wasm/module.ts";
import { defineWasmProgram, type Functions, type WasmProgram } from "../../wasm/program.ts";

/** Rows and columns of pixels that neighbouring tiles of the input share. */
export const OVERLAP = 2;

type Matrix = readonly (readonly number[])[];

/** Transforms of the input, of the filter and of the output: Bᵀ, G and Aᵀ of Lavin and Gray 2015, "Fast Algorithms for Convolutional Neural Networks". */
interface Matrices {
  readonly ofInput: Matrix;
  readonly ofFilter: Matrix;
  readonly ofOutput: Matrix;
}

/** F(2x2, 3x3), equations 8 to 10. */
const OF_TWO: Matrices = {
  ofInput: [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
  ofFilter: [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]],
  ofOutput: [[1, 1, 1, 0], [0, 1, -1, -1]],
};

/**
 * F(4x4, 3x3) as Cook and Toom's interpolation gives it at 0, ±5/8, ±13/8 and infinity. Of points of this kind they round
 * least: errors of random images and filters are 2.0 times those of a plain sum over 128 channels and 2.7 times over 32, where 0, ±1, ±2,
 * which most programs take, give 3.5 and 5.3 times, and F(2x2, 3x3) 0.6 and 0.8. Multiplications of the input and the output are
 * by numbers that float32 holds exactly.
 */
function ofFour(): Matrices {
  const near = 5 / 8, far = 13 / 8, near2 = near ** 2, far2 = far ** 2;
  const filterAt = (point: number, other: number) => {
    const divisor = 2 * point ** 2 * (point ** 2 - other ** 2);
    return [1 / divisor, point / divisor, point ** 2 / divisor];
  };
  return {
    ofInput: [
      [near2 * far2, 0, -(near2 + far2), 0, 1, 0],
      [0, -near * far2, -far2, near, 1, 0],
      [0, near * far2, -far2, -near, 1, 0],
      [0, -far * near2, -near2, far, 1, 0],
      [0, far * near2, -near2, -far, 1, 0],
      [0, near2 * far2, 0, -(near2 + far2), 0, 1],
    ],
    ofFilter: [
      [1 / (near2 * far2), 0, 0],
      filterAt(near, far),
      filterAt(-near, far),
      filterAt(far, near),
      filterAt(-far, near),
      [0, 0, 1],
    ],
    ofOutput: [0, 1, 2, 3].map((power) => [
      power === 0 ? 1 : 0,
      ...[near, -near, far, -far].map((point) => point ** power),
      power === 3 ? 1 : 0,
    ]),
  };
}

/** Between tiles of an image `[…][floats]` and matrices `[elements][tiles][floats]`; addresses and steps in bytes. */
export type Transform = (
  image: number,
  rowStep: number,
  pixelStep: number,
  tileStep: number,
  matrices: number,
  matrixStep: number,
  floats: number,
  tiles: number,
) => void;

/** Transforms of tiles, element-wise in the channels. Each reads the one, and writes the other, of image and matrices. */
export interface WinogradProgram {
  /** Pixels of the input. */
  spreadInput: Transform;
  /** 3 x 3 taps of the filter. */
  spreadFilter: Transform;
  /** Pixels of the output's gradient. */
  spreadSlopes: Transform;
  /** Writes pixels of the output. */
  gatherOutput: Transform;
  /** Writes 3 x 3 taps of the filter's gradient. */
  gatherFilter: Transform;
}

/** How an image is cut into tiles. */
export interface Tiling {
  /** Rows and columns of a tile of the output. */
  readonly output: number;
  /** Elements of a transformed tile, each of which is a matrix product of its own. */
  readonly elements: number;
  /** Compiled at the first call. */
  readonly program: WasmProgram<WinogradProgram>;
}

function tilingOf({ ofInput, ofFilter, ofOutput }: Matrices): Tiling {
  return {
    output: ofOutput.length,
    elements: ofInput.length ** 2,
    program: defineWasmProgram<WinogradProgram>((): Functions => ({
      spreadInput: spread(ofInput),
      spreadFilter: spread(ofFilter),
      spreadSlopes: spread(transposed(ofOutput)),
      gatherOutput: gather(ofOutput),
      gatherFilter: gather(transposed(ofFilter)),
    })),
  };
}

/** Tiles of 2 x 2 pixels of the output take 4 multiplications a pixel in place of 9, those of 4 x 4 take 2.25. */
export const TILES_OF_TWO: Tiling = tilingOf(OF_TWO), TILES_OF_FOUR: Tiling = tilingOf(ofFour());

function transposed(matrix: Matrix): Matrix {
  return matrix[0]!.map((_, column) => matrix.map((row) => row[column]!));
}

/** Reads tiles of the image: matrices = T · tile · Tᵀ. */
function spread(transform: Matrix): FunctionBuilder {
  const size = transform[0]!.length, tile = transform.length;
  return eachTile(transform, size, tile, ({ load, store }, at) => ({
    load: (row, column) => load(at.pixel(row, column)),
    store: (row, column, value) => store(at.matrix(row * tile + column), value),
  }));
}

/** Writes tiles of the image: tile = T · matrices · Tᵀ. */
function gather(transform: Matrix): FunctionBuilder {
  const size = transform.length, tile = transform[0]!.length;
  return eachTile(transform, size, tile, ({ load, store }, at) => ({
    load: (row, column) => load(at.matrix(row * tile + column)),
    store: (row, column, value) => store(at.pixel(row, column), value),
  }));
}

/** Addresses of a tile's parts. */
interface Places {
  pixel(row: number, column: number): Code;
  matrix(element: number): Code;
}

/** Reads an element of a tile that is transformed, and writes one of the result. */
interface Reading {
  load(row: number, column: number): Code;
  store(row: number, column: number, value: Code): Code;
}

/**
 * @param transform T
 * @param imageSize rows and columns of the image's tiles
 * @param tile rows and columns of the transformed ones
 * @param reading where elements are read and written
 * @returns a function as {@linkcode Transform} describes it
 */
function eachTile(
  transform: Matrix,
  imageSize: number,
  tile: number,
  reading: (access: Access, places: Places) => Reading,
): FunctionBuilder {
  const f = new FunctionBuilder();
  const [image, rowStep, pixelStep, tileStep] = locals(4, () => f.parameter("i32"));
  const [matrices, matrixStep, floats, tiles] = locals(4, () => f.parameter("i32"));
  const [source, target, left] = locals(3, () => f.local("i32"));
  // Distances from the first, which stay the same for all tiles.
  const pixels = times(imageSize ** 2, () => f.local("i32"));
  const elements = times(tile ** 2, () => f.local("i32"));
  const inputs = transform[0]!.length, outputs = transform.length;
  const read = times(inputs, () => f.local("v128"));
  const half = times(outputs * inputs, () => f.local("v128"));
  const parts = locals(2, () => f.local("v128"));
  const places: Places = {
    pixel: (row, column) => i32.add(source.get, pixels[row * imageSize + column]!.get),
    matrix: (element) => i32.add(target.get, elements[element]!.get),
  };
  const one = (access: Access): Code[] => {
    const { load, store } = reading(access, places);
    return [
      ...times(inputs, (column) => [
        ...read.flatMap((local, row) => local.set(load(row, column))),
        ...combinations(transform, read, parts, (i, sum) => half[i * inputs + column]!.set(sum)),
      ]),
      ...times(outputs, (i) => {
        const row = half.slice(i * inputs, (i + 1) * inputs);
        return combinations(transform, row, parts, (j, sum) => store(i, j, sum));
      }),
      advance(source, access.floats * FLOAT),
      advance(target, access.floats * FLOAT),
      lessen(left, access.floats),
    ];
  };
  const product = (factor: number, step: Local) => i32.multiply(i32.constant(factor), step.get);
  return f.body(
    ...pixels.map((local, i) =>
      local.set(
        i32.add(product(Math.floor(i / imageSize), rowStep), product(i % imageSize, pixelStep)),
      )
    ),
    ...elements.map((local, i) => local.set(product(i, matrixStep))),
    repeatWhile(tiles.get, [
      source.set(image.get),
      target.set(matrices.get),
      left.set(floats.get),
      ...ACCESSES.map((access) => repeatWhile(atLeast(left, access.floats), one(access))),
      image.set(i32.add(image.get, tileStep.get)),
      matrices.set(target.get),
      lessen(tiles, 1),
    ]),
  );
}

/**
 * Sums of vectors times constants. Two rows whose factors differ in the signs of every second one, as those of opposite points do, are the
 * sum and the difference of the same two parts.
 */
function combinations(
  transform: Matrix,
  vectors: readonly Local[],
  [even, odd]: Locals<2>,
  use: (row: number, sum: Code) => Code,
): Code {
  const halves = (row: readonly number[], parity: number) =>
    row.map((factor, i) => i % 2 === parity ? factor : 0);
  const opposite = (row: readonly number[]) =>
    row.map((factor, i) => i % 2 === 0 ? factor : -factor);
  const same = (a: readonly number[], b: readonly number[]) => a.every((one, i) => one === b[i]);
  const uses = (row: readonly number[]) => row.some((factor) => factor !== 0);
  return transform.flatMap((row, i) => {
    const before = transform.slice(0, i).findIndex((other) => same(other, opposite(row)));
    const parted = uses(halves(row, 0)) && uses(halves(row, 1));
    if (parted && before >= 0) return [];
    const after = transform.findIndex((other, j) => j > i && same(other, opposite(row)));
    if (!parted || after < 0) return use(i, combination(row, vectors));
    return [
      ...even.set(combination(halves(row, 0), vectors)),
      ...odd.set(combination(halves(row, 1), vectors)),
      ...use(i, f32x4.add(even.get, odd.get)),
      ...use(after, f32x4.subtract(even.get, odd.get)),
    ];
  });
}

/** Sum of vectors times constants; those with the same magnitude are added first. */
function combination(factors: readonly number[], vectors: readonly Local[]): Code {
  const terms = factors.map((factor, i) => ({ factor, vector: vectors[i]!.get }))
    .filter(({ factor }) => factor !== 0);
  const groups = [...Map.groupBy(terms, ({ factor }) => Math.abs(factor))].map(([size, group]) => {
    // A difference begins with what is not negative, if anything.
    const [first, ...others] = group.toSorted((a, b) => b.factor - a.factor);
    const begin = first!.factor > 0
      ? first!.vector
      : f32x4.subtract(f32x4.constant(0), first!.vector);
    const sum = others.reduce(
      (code, { factor, vector }) =>
        factor > 0 ? f32x4.add(code, vector) : f32x4.subtract(code, vector),
      begin,
    );
    return size === 1 ? sum : f32x4.multiply(sum, f32x4.constant(size));
  });
  return groups.reduce((a, b) => f32x4.add(a, b));
}
