import type { Raster } from "seamstress";

/** Classes of the pixels of a feature map. */
export interface MapClasses {
  readonly rows: number;
  readonly columns: number;
  /** `[rows*columns]`, row by row; 255 where the mask says nothing. */
  readonly data: Uint8Array;
}

/**
 * The classes of a feature map's pixels: of each, the class in the middle of its square, as AffinityNet's training takes it.
 *
 * @param mask of the size that the network sees
 * @param stride pixels per pixel of the map
 * @returns the classes
 */
export function mapClasses({ width, height, data }: Raster, stride: number): MapClasses {
  const rows = Math.ceil(height / stride), columns = Math.ceil(width / stride);
  const middle = (at: number, side: number) =>
    Math.min(at * stride + Math.floor(stride / 2), side - 1);
  const classAt = (_: number, pixel: number) => {
    const y = middle(Math.floor(pixel / columns), height), x = middle(pixel % columns, width);
    return data[y * width + x]!;
  };
  return { rows, columns, data: Uint8Array.from({ length: rows * columns }, classAt) };
}
