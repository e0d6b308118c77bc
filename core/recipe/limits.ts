/** Bounds on the memory that a file may make a run use; the recipe's `limits`. */
export interface Limits {
  /** Most pixels of an image or mask: width times height, looked at before anything is decoded. */
  readonly pixels: number;
  /** Most values of the recipe itself, each counted wherever a YAML alias repeats it. */
  readonly nodes: number;
}

/**
 * The defaults. Pixels: beyond twice Pillow's `MAX_IMAGE_PIXELS` Pillow takes an image for a
 * decompression bomb and refuses it. Nodes: the longest shipped recipe has some 500.
 */
export const DEFAULT_LIMITS: Limits = Object.freeze({ pixels: 178_956_970, nodes: 100_000 });
