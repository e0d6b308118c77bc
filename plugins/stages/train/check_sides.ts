import { type Backbone, type Raster, userError } from "seamstress";

/**
 * Refuses images that do not divide into what the backbone takes, such as patches.
 *
 * @param id the stage
 * @param backbone its name and `sideMultiple`
 * @param inputSize finds the size of the network's input, behind the transforms
 * @throws {RangeError} with the sizes
 */
export async function checkSides(
  id: string,
  { use, sideMultiple = 1 }: Pick<Backbone, "sideMultiple"> & { readonly use: string },
  inputSize: () => Promise<Pick<Raster, "width" | "height">>,
): Promise<void> {
  if (sideMultiple === 1) return;
  const { width, height } = await inputSize();
  if (width % sideMultiple === 0 && height % sideMultiple === 0) return;
  throw userError(
    new RangeError(
      `Cannot plan stage ${id}: images enter the network at ${width}x${height} pixels, backbone ${use} takes sides that are ` +
        `multiples of ${sideMultiple}; crop or resize them by a transform`,
    ),
  );
}
