import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { fromFileUrl } from "../../core/recipe/paths.ts";
import { inTempFolder } from "../../tests/command.ts";
import {
  IMAGES,
  RATES,
  runWithTensorBoard,
} from "../../tests/plugins/observers/tensorboard_run.ts";

/** What `read.py` prints. */
interface Found {
  /** Step and value. */
  readonly scalars: Readonly<Record<string, readonly (readonly [number, number])[]>>;
  /** Step, width, height, mean colour. */
  readonly images: Readonly<
    Record<string, readonly (readonly [number, number, number, readonly number[]])[]>
  >;
}

const here = (name: string) => fromFileUrl(new URL(name, import.meta.url).href);

async function readByTensorBoard(folder: string): Promise<Found> {
  const { success, stdout, stderr } = await new Deno.Command(here(".venv/bin/python"), {
    args: [here("read.py"), folder],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("TensorBoard's own reader finds a run's losses, rates by group, and CAMs as pictures", async () => {
  await inTempFolder(async (folder) => {
    const { scalars, images } = await readByTensorBoard(await runWithTensorBoard(folder));
    const losses = scalars["seam/losses/loss"]!;
    assertEquals(losses.map(([step]) => step), [1, 2, 3, 4]);
    assert(losses.every(([, loss]) => loss > 0 && loss < 100), String(losses));
    for (const [g, tag] of RATES.entries()) {
      const [, rate] = scalars[tag]![0]!;
      assertAlmostEquals(rate, [0.1, 0.01][g]!, 1e-7);
    }
    const steps = Object.entries(images).map(([tag, all]) => [tag, all.map(([step]) => step)]);
    assertEquals(Object.fromEntries(steps), IMAGES);
    for (const [tag, all] of Object.entries(images)) {
      for (const [, width, height, colour] of all) {
        assertEquals([width, height], [tag.startsWith("maps") ? 76 : 56, 16]);
        assert(colour.some((channel) => channel < 250), `${tag} is white`);
      }
    }
  });
});
