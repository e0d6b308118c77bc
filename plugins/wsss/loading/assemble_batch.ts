import type { Batch, BatchMap } from "../../../core/data/batch.ts";
import type { Sample } from "../../../core/data/sample.ts";
import { userError } from "../../../core/errors.ts";

/** Stacks the maps of one name. */
function stackMaps(name: string, samples: readonly Sample[]): BatchMap {
  const maps = samples.map(({ maps }) => maps?.[name]);
  const channels = maps[0]!.channels;
  const odd = maps.findIndex((map) => map?.channels !== channels);
  if (odd >= 0) {
    const found = maps[odd]?.channels ?? "no";
    throw userError(
      new RangeError(
        `Cannot make a batch: map ${name} of ${samples[odd]!.name} has ${found} channels, of ${
          samples[0]!.name
        } ${channels}`,
      ),
    );
  }
  const length = maps[0]!.data.length;
  const data = new Float32Array(samples.length * length);
  maps.forEach((map, i) => data.set(map!.data, i * length));
  return { channels, data };
}

function sizeOf({ image }: Sample): string {
  return `${image.width}x${image.height}`;
}

/**
 * Stacks samples into a batch.
 *
 * @param indices place of each sample in the data set
 * @param samples at least one; float32 RGB of one size; all with a mask or none
 * @returns the batch; shares nothing with the samples
 * @throws {RangeError} naming two samples of different sizes
 */
export function assembleBatch(indices: readonly number[], samples: readonly Sample[]): Batch {
  const [first] = samples;
  if (!first) throw new RangeError("Cannot make a batch of no samples");
  const { width, height } = first.image;
  const odd = samples.find(({ image }) => image.width !== width || image.height !== height);
  if (odd) {
    throw userError(
      new RangeError(
        `Cannot make a batch: after the transforms ${first.name} is ${sizeOf(first)} and ` +
          `${odd.name} is ${
            sizeOf(odd)
          }; images of a batch need one size: add the transform random-crop`,
      ),
    );
  }
  const classes = first.label.length;
  const image = new Float32Array(samples.length * height * width * 3);
  const label = new Float32Array(samples.length * classes);
  const mask = first.mask ? new Uint8Array(samples.length * height * width) : undefined;
  for (const [i, sample] of samples.entries()) {
    image.set(sample.image.data, i * height * width * 3);
    label.set(sample.label, i * classes);
    if (mask && sample.mask) mask.set(sample.mask.data, i * height * width);
  }
  const names = Object.keys(first.maps ?? {});
  return {
    indices,
    names: samples.map(({ name }) => name),
    shape: [samples.length, height, width, 3],
    image,
    classes,
    label,
    ...(mask ? { mask } : {}),
    ...names.length > 0 &&
      { maps: Object.fromEntries(names.map((name) => [name, stackMaps(name, samples)])) },
  };
}
