import {
  type Access,
  ACCESSES,
  advance,
  atLeast,
  FLOAT,
  lessen,
  locals,
  times,
} from "../../wasm/code_builders.ts";
import { type Code, f32x4, i32, repeatWhile } from "../../wasm/instructions.ts";
import { FunctionBuilder, type Local } from "../../wasm/module.ts";
import { defineWasmProgram, type Functions } from "../../wasm/program.ts";

/** Rows and columns of a tile of the input, and of a transformed filter; a tile of the output has {@linkcode OUTPUT}. */
export const TILE = 4, OUTPUT = 2;
/** Elements of a transformed tile, each of which is a matrix product of its own. */
export const ELEMENTS = TILE * TILE;

type Matrix = readonly (readonly number[])[];

/** Lavin and Gray 2015, "Fast Algorithms for Convolutional Neural Networks", F(2x2, 3x3), equations 8 to 10: Bᵀ, G and Aᵀ. */
const OF_INPUT: Matrix = [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]];
const OF_FILTER: Matrix = [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]];
const OF_OUTPUT: Matrix = [[1, 1, 1, 0], [0, 1, -1, -1]];

/** Between tiles of an image `[…][floats]` and matrices `[ELEMENTS][tiles][floats]`; addresses and steps in bytes. */
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
  /** 4 x 4 pixels of the input. */
  spreadInput: Transform;
  /** 3 x 3 taps of the filter. */
  spreadFilter: Transform;
  /** 2 x 2 pixels of the output's gradient. */
  spreadSlopes: Transform;
  /** Writes 2 x 2 pixels of the output. */
  gatherOutput: Transform;
  /** Writes 3 x 3 taps of the filter's gradient. */
  gatherFilter: Transform;
}

/** {@linkcode WinogradProgram}, compiled at the first call. */
export const winogradProgram = defineWasmProgram<WinogradProgram>((): Functions => ({
  spreadInput: spread(OF_INPUT),
  spreadFilter: spread(OF_FILTER),
  spreadSlopes: spread(transposed(OF_OUTPUT)),
  gatherOutput: gather(OF_OUTPUT),
  gatherFilter: gather(transposed(OF_FILTER)),
}));

function transposed(matrix: Matrix): Matrix {
  return matrix[0]!.map((_, column) => matrix.map((row) => row[column]!));
}

/** Reads tiles of the image: matrices = T · tile · Tᵀ. */
function spread(transform: Matrix): FunctionBuilder {
  const size = transform[0]!.length;
  return eachTile(transform, size, ({ load, store }, at) => ({
    load: (row, column) => load(at.pixel(row, column)),
    store: (row, column, value) => store(at.matrix(row * TILE + column), value),
  }));
}

/** Writes tiles of the image: tile = T · matrices · Tᵀ. */
function gather(transform: Matrix): FunctionBuilder {
  return eachTile(transform, transform.length, ({ load, store }, at) => ({
    load: (row, column) => load(at.matrix(row * TILE + column)),
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
 * @param reading where elements are read and written
 * @returns a function as {@linkcode Transform} describes it
 */
function eachTile(
  transform: Matrix,
  imageSize: number,
  reading: (access: Access, places: Places) => Reading,
): FunctionBuilder {
  const f = new FunctionBuilder();
  const [image, rowStep, pixelStep, tileStep] = locals(4, () => f.parameter("i32"));
  const [matrices, matrixStep, floats, tiles] = locals(4, () => f.parameter("i32"));
  const [source, target, left] = locals(3, () => f.local("i32"));
  // Distances from the first, which stay the same for all tiles.
  const pixels = times(imageSize ** 2, () => f.local("i32"));
  const elements = times(ELEMENTS, () => f.local("i32"));
  const inputs = transform[0]!.length, outputs = transform.length;
  const read = times(inputs, () => f.local("v128"));
  const half = times(outputs * inputs, () => f.local("v128"));
  const places: Places = {
    pixel: (row, column) => i32.add(source.get, pixels[row * imageSize + column]!.get),
    matrix: (element) => i32.add(target.get, elements[element]!.get),
  };
  const one = (access: Access): Code[] => {
    const { load, store } = reading(access, places);
    return [
      ...times(inputs, (column) => [
        ...read.flatMap((local, row) => local.set(load(row, column))),
        ...transform.flatMap((row, i) => half[i * inputs + column]!.set(combination(row, read))),
      ]),
      ...times(outputs, (i) => {
        const row = half.slice(i * inputs, (i + 1) * inputs);
        return transform.flatMap((terms, j) => store(i, j, combination(terms, row)));
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
