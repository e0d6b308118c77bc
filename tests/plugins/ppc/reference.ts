import type { Maps } from "../losses/numeric.ts";

/** A view's projection and revised CAM, of the same height and width. */
export interface View {
  readonly projection: Maps;
  readonly cam: Maps;
}

/** What does not change with the pixels that a gradient is taken of. */
interface Known {
  readonly prototypes: number[][];
  readonly classes: number[];
  /** Of each pixel, the prototypes that it is pushed from within its view. */
  readonly pushed: number[][];
  /** Of each class, its chosen pixels; some twice. */
  readonly chosen: number[][];
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0);

function unit(x: readonly number[]): number[] {
  const length = Math.max(Math.sqrt(dot(x, x)), 1e-12);
  return x.map((value) => value / length);
}

/** Rows of the last axis. */
function rows({ shape, data }: Maps): number[][] {
  const width = shape[3];
  return Array.from(
    { length: data.length / width },
    (_, i) => [...data.subarray(i * width, (i + 1) * width)],
  );
}

/** Indices in order of a value, highest first; equal ones stay in place. */
const order = (values: readonly number[]) =>
  [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b);

function scores({ shape: [n, h, w, k], data }: Maps, background: number): number[][] {
  const result = Array.from({ length: n * h * w }, () => new Array<number>(k).fill(background));
  for (let image = 0; image < n; image++) {
    for (let c = 1; c < k; c++) {
      const pixels = Array.from({ length: h * w }, (_, p) => image * h * w + p);
      const values = pixels.map((p) => Math.max(data[p * k + c]!, 0));
      const min = Math.min(...values), max = Math.max(...values);
      pixels.forEach((p, i) => {
        const value = values[i]! < min + 1e-5 ? 0 : values[i]!;
        result[p]![c] = (value - min - 1e-5) / (max - min + 1e-5);
      });
    }
  }
  return result;
}

/** One view as the authors' contrast_train.py goes through it. */
function know({ projection, cam }: View, label: readonly (readonly number[])[], {
  background = 0.2,
  draws,
}: { readonly background?: number; readonly draws: readonly number[] }): Known {
  const [n, h, w, k] = cam.shape;
  const features = rows(projection), values = scores(cam, background);
  const prototypes = Array.from({ length: k }, (_, c) => {
    const best = order(values.map((row) => row[c]!)).slice(0, Math.floor(h * w / 8));
    const total = best.reduce((sum, p) => sum + values[p]![c]!, 0);
    return unit(
      features[0]!.map((_, d) =>
        best.reduce((sum, p) => sum + values[p]![c]! * features[p]![d]!, 0) / total
      ),
    );
  });
  const classes = values.map((row, p) =>
    order(
      row.map((value, c) => c === 0 ? value : value * label[Math.floor(p / h / w)]![c - 1]!),
    )[0]!
  );
  const pixels = features.map(unit);
  const pushed = pixels.map((pixel, p) => {
    const ranking = order(prototypes.map((prototype) => dot(pixel, prototype)));
    const hard = Math.ceil(0.6 * k);
    return [classes[p]!, ...ranking.slice(hard - Math.floor(0.5 * k), hard)];
  });
  const chosen = Array.from({ length: k }, (_, c) => {
    const own = [...classes.keys()].filter((p) => classes[p] === c);
    if (own.length === 0) return [];
    const half = Math.floor(own.length / 2), hard = Math.floor(own.length * 0.6);
    const by = (value: (p: number) => number) =>
      order(own.map((p) => -value(p))).map((i) => own[i]!);
    const similar = by((p) => dot(pixels[p]!, prototypes[c]!));
    return [...by((p) => draws[p]!).slice(0, half), ...similar.slice(hard - half, hard)];
  });
  if (n * h * w !== draws.length) throw new Error("a draw per pixel is needed");
  return { prototypes, classes, pushed, chosen };
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** The three contrasts, unweighted. */
export interface Contrasts {
  readonly "cross-prototype": number;
  readonly "cross-cam": number;
  readonly "intra-view": number;
}

/**
 * The authors' contrastive losses in float64, loop by loop.
 *
 * @returns what gives the losses where the projections change and prototypes, pseudo labels and choices do not
 */
export function contrasts(
  views: readonly [View, View],
  label: readonly (readonly number[])[],
  draws: readonly [readonly number[], readonly number[]],
): (projections: readonly Maps[]) => Contrasts {
  const known = views.map((view, v) => know(view, label, { draws: draws[v]! }));
  return (projections) => {
    const pixels = projections.map((map) => rows(map).map(unit));
    const nce = (
      pixel: readonly number[],
      prototypes: number[][],
      own: number,
      pushed: number[],
    ) => {
      const logit = (k: number) => dot(pixel, prototypes[k]!) / 0.1;
      const sum = pushed.reduce((sum, k) => sum + Math.exp(logit(k)), 0);
      return Math.log(sum) - logit(own);
    };
    const all = [...known[0]!.prototypes.keys()];
    const over = (prototypesOf: (v: number) => number, classesOf: (v: number) => number) =>
      mean(
        pixels.map((own, v) =>
          mean(own.map((pixel, p) =>
            nce(pixel, known[prototypesOf(v)]!.prototypes, known[classesOf(v)]!.classes[p]!, all)
          ))
        ),
      );
    const within = mean(known.map(({ prototypes, classes, pushed, chosen }, v) => {
      const there = chosen.filter((_, c) => classes.includes(c));
      return there.reduce((sum, own) =>
        sum + (own.length === 0 ? 0 : mean(
          own.map((p) => nce(pixels[v]![p]!, prototypes, classes[p]!, pushed[p]!)),
        )), 0) / there.length;
    }));
    return {
      "cross-prototype": over((v) => 1 - v, (v) => v),
      "cross-cam": over((v) => v, (v) => 1 - v),
      "intra-view": within,
    };
  };
}
