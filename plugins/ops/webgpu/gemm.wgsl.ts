import { range } from "./range.ts";
import { type Tile, tileColumns, tileRows, tileThreads } from "./tiles.ts";

/**
 * WGSL that reads one factor of a matrix product, four rows (or columns) and four steps along the summed axis at a time. All names
 * that a snippet declares begin with its `id`.
 */
export interface Operand {
  /** The axis along which neighbours lie in memory: along the sum, or across it. */
  readonly contiguous: "depth" | "outer";
  /** Statements run once per invocation: precompute addresses of the four rows from `row`. */
  setup(id: string, row: string): string;
  /** Statements run once per iteration of the outer loops. */
  enter(id: string): string;
  /** Declares `<id>q0`, `<id>q1` … up to `count`: the four rows at depth `k`, `k + 1` … as `vec4<f32>`; zero beyond the sum's end. */
  load(id: string, k: string, count: number): string;
}

/** A matrix product whose factors are computed from tensors. */
export interface Product {
  readonly tile: Tile;
  /** Functions that the rest calls. */
  readonly helpers: string;
  /** Statements that declare `rowStart` and `columnStart` of the tile number `group`, and `context : vec4<i32>`. */
  readonly locate: string;
  readonly a: Operand;
  readonly b: Operand;
  /** Opens loops that are uniform across a workgroup; the innermost declares the depth variable and steps by the tile's depth. */
  readonly open: (enter: string) => string;
  /** The innermost loop's variable. */
  readonly depth: string;
  /** Closes all loops but the innermost. */
  readonly close: string;
  /** Body of a function of `row` and `context : vec4<i32>`: the element of the result that the row begins at, below 0 for none. */
  readonly rowBegin: string;
  /** Statements on `value : vec4<f32>`, the columns from `at` of the row that begins at element `start`. */
  readonly store: string;
}

const LETTERS = "xyzw";

/**
 * Generates the kernel of a matrix product, `fn main(index)`.
 *
 * Arithmetic: float32 throughout; each output is one invocation's sum, by fused multiply-add in the order of the loops, so that it
 * does not depend on timing. Without staging, each iteration of the outer loops (a tap, a line of pixels) has its own sum, which is
 * added to the total at its end: rounding errors then grow with the longer of both sums, not with their product. On a GPU the
 * registers for these second sums would cost more than they gain. Memory, for a tile of R x C outputs: staged, each iteration reads
 * `depth * (R + C)` elements once per workgroup for `2 * depth * R * C` operations; not staged, each invocation reads its own,
 * `depth * (rows + columns)` for `2 * depth * rows * columns`.
 *
 * @param product its factors and its result
 * @returns WGSL
 */
export function gemmWgsl(product: Product): string {
  const { tile, helpers, locate, depth, close, open } = product;
  const rowOf = (i: number) => `(rowStart + (${i} * ${tile.rowLanes} + rowLane) * 4)`;
  const columnOf = (j: number) => `(columnStart + (${j} * ${tile.columnLanes} + columnLane) * 4)`;
  const rowBlocks = range(tile.rows / 4), columnBlocks = range(tile.columns / 4);
  const { setup, enter, step, declare } = tile.staged
    ? staged(product)
    : direct(product, rowOf, columnOf);
  const stores = rowBlocks.flatMap((i) =>
    range(4).map((r) => `
    let begin${i}${r} = rowBegin(${rowOf(i)} + ${r}, context);
    if (begin${i}${r} >= 0) {
      ${
      columnBlocks.map((j) => `store(begin${i}${r}, ${columnOf(j)}, ${sumOf(tile)}${i}${r}${j});`)
        .join("\n      ")
    }
    }`)
  );
  const names = rowBlocks.flatMap((i) =>
    range(4).flatMap((r) => columnBlocks.map((j) => `${i}${r}${j}`))
  );
  const { totals, fold } = folding(tile, names);
  return `
  ${helpers}
  ${declare}
  fn rowBegin(row : i32, context : vec4<i32>) -> i32 {
    ${product.rowBegin}
  }
  fn store(start : i32, at : i32, value : vec4<f32>) {
    ${product.store}
  }
  fn main(index : i32) {
    let lane = i32(localIndex);
    let group = index / ${tileThreads(tile)};
    let rowLane = lane / ${tile.columnLanes};
    let columnLane = lane % ${tile.columnLanes};
    ${locate}
    ${setup}
    ${names.map((name) => `var s${name} : vec4<f32> = vec4<f32>();`).join("\n    ")}
    ${totals}
    ${open(enter)}
      ${step(depth)}
    }
    ${fold}
    ${close}
    ${stores.join("")}
  }
`;
}

/** The name that a result's variables begin with. */
const sumOf = (tile: Tile) => tile.staged ? "s" : "t";

/** Declares totals, and adds the sums of each iteration of the outer loops to them. */
function folding(
  tile: Tile,
  names: readonly string[],
): { readonly totals: string; readonly fold: string } {
  if (tile.staged) return { totals: "", fold: "" };
  return {
    totals: names.map((name) => `var t${name} : vec4<f32> = vec4<f32>();`).join("\n    "),
    fold: names.map((name) => `t${name} = t${name} + s${name}; s${name} = vec4<f32>();`)
      .join("\n    "),
  };
}

/** Multiplies and adds one depth: four rows by four columns at a time. */
function multiply(tile: Tile, a: (i: number) => string, b: (j: number) => string): string {
  return range(tile.rows / 4).flatMap((i) =>
    range(4).flatMap((r) =>
      range(tile.columns / 4).map((j) =>
        `s${i}${r}${j} = fma(vec4<f32>(${a(i)}.${LETTERS[r]}), ${b(j)}, s${i}${r}${j});`
      )
    )
  ).join("\n      ");
}

interface Phase {
  readonly declare: string;
  readonly setup: string;
  readonly enter: string;
  readonly step: (depth: string) => string;
}

/** Without staging: each invocation reads its operands into registers itself. */
function direct(
  { tile, a, b }: Product,
  rowOf: (i: number) => string,
  columnOf: (j: number) => string,
): Phase {
  const blocks = [
    ...range(tile.rows / 4).map((i) => ({ id: `a${i}`, operand: a, at: rowOf(i) })),
    ...range(tile.columns / 4).map((j) => ({ id: `b${j}`, operand: b, at: columnOf(j) })),
  ];
  return {
    declare: "",
    setup: blocks.map(({ id, operand, at }) => operand.setup(id, at)).join("\n    "),
    enter: blocks.map(({ id, operand }) => operand.enter(id)).join("\n    "),
    step: (depth) =>
      [
        ...blocks.map(({ id, operand }) => operand.load(id, depth, tile.depth)),
        ...range(tile.depth).map((q) => multiply(tile, (i) => `a${i}q${q}`, (j) => `b${j}q${q}`)),
      ].join("\n      "),
  };
}

/**
 * The workgroup reads its tile in blocks of 4x4 into memory that it shares; neighbouring invocations read neighbouring memory. The
 * products are written out one depth after the other: a loop would carry the bound that WebGPU puts on every loop.
 */
function staged({ tile, a, b }: Product): Phase {
  const threads = tileThreads(tile), quads = tile.depth / 4;
  const operands = [
    { id: "a", operand: a, start: "rowStart", outer: tileRows(tile) / 4 },
    { id: "b", operand: b, start: "columnStart", outer: tileColumns(tile) / 4 },
  ];
  const declare = operands.map(({ id, outer }) =>
    // One more column than needed, so that blocks of different depth fall into different banks.
    `var<workgroup> ${id}Tile : array<vec4<f32>, ${tile.depth * (outer + 1)}>;`
  ).join("\n  ");
  const setup: string[] = [], enter: string[] = [], load: string[] = [];
  let first = 0;
  for (const { id, operand, start, outer } of operands) {
    const blocks = outer * quads;
    // Invocations that load no block of the first operand are the first to load blocks of the second.
    const shift = (threads - first % threads) % threads;
    for (let begin = 0, turn = 0; begin < blocks; begin += threads, turn++) {
      const name = `${id}${turn}`;
      setup.push(`let ${name}Block = (lane + ${shift}) % ${threads} + ${begin};`);
      setup.push(
        operand.contiguous === "depth"
          ? `let ${name}Depth = ${name}Block % ${quads}; let ${name}Outer = ${name}Block / ${quads};`
          : `let ${name}Outer = ${name}Block % ${outer}; let ${name}Depth = ${name}Block / ${outer};`,
      );
      setup.push(operand.setup(name, `(${start} + ${name}Outer * 4)`));
      enter.push(operand.enter(name));
      const writes = range(4).map((q) =>
        `${id}Tile[(${name}Depth * 4 + ${q}) * ${outer + 1} + ${name}Outer] = ${name}q${q};`
      );
      load.push(`if (${name}Block < ${blocks}) {
        ${operand.load(name, `(k + ${name}Depth * 4)`, 4)}
        ${writes.join("\n        ")}
      }`);
    }
    first += blocks;
  }
  const [rows, columns] = [tileRows(tile) / 4 + 1, tileColumns(tile) / 4 + 1];
  return {
    declare,
    setup: setup.join("\n    "),
    enter: enter.join("\n    "),
    step: (depth) => `
      let k = ${depth};
      ${load.join("\n      ")}
      workgroupBarrier();
      ${
      range(tile.depth).map((q) =>
        `{
        ${
          range(tile.rows / 4).map((i) =>
            `let a${i} = aTile[${q * rows + i * tile.rowLanes} + rowLane];`
          ).join("\n        ")
        }
        ${
          range(tile.columns / 4).map((j) =>
            `let b${j} = bTile[${q * columns + j * tile.columnLanes} + columnLane];`
          ).join("\n        ")
        }
        ${multiply(tile, (i) => `a${i}`, (j) => `b${j}`)}
      }`
      ).join("\n      ")
    }
      workgroupBarrier();`,
  };
}
