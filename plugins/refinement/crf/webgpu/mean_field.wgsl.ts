/** Invocations of a workgroup. */
export const WORKGROUP_SIZE = 64;
/** Labels side by side in one vector; the last vector is padded. */
export const LANES = 4;
/** Bytes of the uniform block `shape`. */
export const SHAPE_BYTES = 48;

/** A buffer as a program declares it. */
interface Binding {
  readonly type: string;
  /** Default: only read. */
  readonly written?: true;
}

/** A program's source, and the order of its buffers: the uniform block is binding 0, these follow. */
export interface MeanFieldSource<N extends string = string> {
  readonly bindings: readonly N[];
  readonly code: string;
}

/**
 * What all programs know of the problem, in the order of `SHAPE_BYTES`' block. "Blocks" are the vectors that hold one pixel's
 * or one vertex's labels, `[pixels][blocks]` of vec4.
 */
const SHAPE = `
struct Shape {
  pixels : u32,
  labels : u32,
  blocks : u32,
  vertices : u32,
  axes : u32,
  chunks : u32,
  // First of the pairs of neighbours along the axis to blur.
  pairs : u32,
  // 1 for the first kernel, whose messages are added to the unary term.
  first : u32,
  // What a sliced value is multiplied by to be a message.
  factor : f32,
}
@group(0) @binding(0) var<uniform> shape : Shape;`;

/** Every invocation has an index; those beyond the last do nothing. */
function program<N extends string>(
  bindings: Readonly<Record<N, Binding>>,
  body: string,
): MeanFieldSource<N> {
  const names = Object.keys(bindings) as N[];
  const declared = names.map((name, i) => {
    const { type, written } = bindings[name];
    const access = written ? "read_write" : "read";
    return `@group(0) @binding(${i + 1}) var<storage, ${access}> ${name} : array<${type}>;`;
  });
  const code = `${SHAPE}
${declared.join("\n")}

@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(
  @builtin(global_invocation_id) id : vec3u,
  @builtin(num_workgroups) groups : vec3u,
) {
  let index = id.x + id.y * groups.x * ${WORKGROUP_SIZE}u;
${body}
}`;
  return { bindings: names, code };
}

const READ = { type: "vec4f" } as const, WRITTEN = { type: "vec4f", written: true } as const;
const INTEGERS = { type: "u32" } as const, FLOATS = { type: "f32" } as const;

/** The steps of mean-field inference. */
export const MEAN_FIELD_SOURCES = {
  /** unary = q = log p, clipped as pydensecrf's `unary_from_softmax` does; one invocation per pixel and block. */
  begin: program(
    { planes: FLOATS, unary: WRITTEN, q: WRITTEN },
    `  let pixel = index / shape.blocks;
  if (pixel >= shape.pixels) { return; }
  let label = (index % shape.blocks) * 4u;
  // The exp of labels that nothing has is 0.
  var logits = vec4f(-1e30);
  for (var lane = 0u; lane < min(4u, shape.labels - label); lane++) {
    logits[lane] = log(clamp(planes[(label + lane) * shape.pixels + pixel], 1e-5, 1.0));
  }
  unary[index] = logits;
  q[index] = logits;`,
  ),
  /** q = softmax(q); one invocation per pixel. */
  softmax: program(
    { q: WRITTEN },
    `  if (index >= shape.pixels) { return; }
  let start = index * shape.blocks;
  let end = start + shape.blocks;
  var highest = q[start];
  for (var i = start + 1u; i < end; i++) { highest = max(highest, q[i]); }
  let most = max(max(highest.x, highest.y), max(highest.z, highest.w));
  var sums = vec4f(0.0);
  for (var i = start; i < end; i++) {
    let power = exp(q[i] - most);
    q[i] = power;
    sums += power;
  }
  let sum = (sums.x + sums.y) + (sums.z + sums.w);
  for (var i = start; i < end; i++) { q[i] /= sum; }`,
  ),
  /** Adds up what pixels give to a vertex, chunk by chunk; one invocation per chunk and block. */
  splatChunks: program(
    {
      chunkStarts: INTEGERS,
      gatheredPixels: INTEGERS,
      gatheredWeights: FLOATS,
      q: READ,
      chunkSums: WRITTEN,
    },
    `  let chunk = index / shape.blocks;
  if (chunk >= shape.chunks) { return; }
  let block = index % shape.blocks;
  var sum = vec4f(0.0);
  for (var i = chunkStarts[chunk]; i < chunkStarts[chunk + 1u]; i++) {
    sum += gatheredWeights[i] * q[gatheredPixels[i] * shape.blocks + block];
  }
  chunkSums[index] = sum;`,
  ),
  /** Adds up a vertex's chunks; one invocation per vertex and block. */
  splatVertices: program(
    { vertexChunks: INTEGERS, chunkSums: READ, values: WRITTEN },
    `  let vertex = index / shape.blocks;
  if (vertex >= shape.vertices) { return; }
  let block = index % shape.blocks;
  var sum = vec4f(0.0);
  for (var chunk = vertexChunks[vertex]; chunk < vertexChunks[vertex + 1u]; chunk++) {
    sum += chunkSums[chunk * shape.blocks + block];
  }
  values[index] = sum;`,
  ),
  /** Along one axis each vertex gets itself and half of each neighbour; one invocation per vertex and block. */
  blur: program(
    { neighbours: { type: "vec2u" }, values: READ, blurred: WRITTEN },
    `  let vertex = index / shape.blocks;
  if (vertex >= shape.vertices) { return; }
  let block = index % shape.blocks;
  let pair = neighbours[shape.pairs + vertex];
  let before = values[pair.x * shape.blocks + block];
  let after = values[pair.y * shape.blocks + block];
  blurred[index] = values[index] + 0.5 * (before + after);`,
  ),
  /** q = (unary or q) + messages; one invocation per pixel and block. */
  slice: program(
    { vertices: INTEGERS, weights: FLOATS, values: READ, unary: READ, q: WRITTEN },
    `  let pixel = index / shape.blocks;
  if (pixel >= shape.pixels) { return; }
  let block = index % shape.blocks;
  var sum = vec4f(0.0);
  for (var i = pixel * shape.axes; i < (pixel + 1u) * shape.axes; i++) {
    sum += weights[i] * values[vertices[i] * shape.blocks + block];
  }
  var logits = unary[index];
  if (shape.first == 0u) { logits = q[index]; }
  q[index] = logits + shape.factor * sum;`,
  ),
  /** Transposes q to planes; one invocation per pixel and block. */
  end: program(
    { q: READ, planes: { type: "f32", written: true } },
    `  let pixel = index / shape.blocks;
  if (pixel >= shape.pixels) { return; }
  let label = (index % shape.blocks) * 4u;
  for (var lane = 0u; lane < min(4u, shape.labels - label); lane++) {
    planes[(label + lane) * shape.pixels + pixel] = q[index][lane];
  }`,
  ),
} as const satisfies Record<string, MeanFieldSource>;

/** Name of a step. */
export type MeanFieldStep = keyof typeof MEAN_FIELD_SOURCES;

/** The buffers that a step needs. */
export type StepBuffers<S extends MeanFieldStep> = Readonly<
  Record<(typeof MEAN_FIELD_SOURCES)[S]["bindings"][number], GPUBuffer>
>;

/** What the uniform block holds. */
export interface Shape {
  readonly pixels: number;
  readonly labels: number;
  readonly blocks: number;
  readonly vertices: number;
  readonly axes: number;
  readonly chunks: number;
  readonly pairs: number;
  readonly first: boolean;
  readonly factor: number;
}

/**
 * Writes the uniform block.
 *
 * @param view receives it
 * @param at byte to write at
 * @param shape its values
 */
export function writeShape(view: DataView, at: number, shape: Shape): void {
  const { pixels, labels, blocks, vertices, axes, chunks, pairs, first, factor } = shape;
  const integers = [pixels, labels, blocks, vertices, axes, chunks, pairs, Number(first)];
  integers.forEach((value, i) => view.setUint32(at + 4 * i, value, true));
  view.setFloat32(at + 4 * integers.length, factor, true);
}
