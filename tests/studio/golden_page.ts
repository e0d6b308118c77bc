import type { GoldenFile, Quantity } from "../../core/contracts/fixture.ts";
import { networkPlugins, prepareBackend, Registry } from "../../plugins/browser/mod.ts";
import { seamForwardFixture } from "../../plugins/fixtures/seam_forward.ts";
import { decodeSafetensors } from "../../plugins/formats/safetensors/decode.ts";

/** What a page recomputed, and on what. */
export interface VerifiedInPage {
  /** Adapter, as the browser names it. */
  readonly device: string;
  readonly quantities: readonly Quantity[];
}

async function fetchGolden(path: string): Promise<GoldenFile> {
  const bytes = new Uint8Array(await (await fetch(path)).arrayBuffer());
  return { path, ...decodeSafetensors(bytes, path), sibling: (file) => fetchGolden(`/${file}`) };
}

/**
 * Recomputes a golden file of SEAM's network; runs in a page, on its WebGPU.
 *
 * @param path of the file on the page's server; the weights that it names are beside it
 * @returns how far off each number is
 */
export async function verifyInPage(path: string): Promise<VerifiedInPage> {
  const registry = new Registry([...networkPlugins, seamForwardFixture]);
  const { device, check } = await prepareBackend(registry, "webgpu", "/");
  const file = await fetchGolden(path);
  const fixture = await registry.create("fixture", { use: file.metadata["kind"]! }, undefined);
  const quantities = await fixture.verify(file);
  await check();
  return { device, quantities };
}
