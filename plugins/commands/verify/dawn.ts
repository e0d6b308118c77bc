import { createRequire } from "node:module";
import { isUserError, messageOf, userError } from "../../../core/errors.ts";
import { fromFileUrl } from "../../../core/recipe/paths.ts";
import { exists } from "../../formats/exists.ts";

/** What npm's package `webgpu` exports. */
interface Dawn {
  /** A `navigator.gpu`. */
  readonly create: (flags: readonly string[]) => GPU;
  /** `GPUBufferUsage` and others. */
  readonly globals: Readonly<Record<string, unknown>>;
}

const FOLDERS: Readonly<Record<string, string>> = {
  "linux x86_64": "linux-x64",
  "linux aarch64": "linux-arm64",
  "darwin x86_64": "darwin-universal",
  "darwin aarch64": "darwin-universal",
  "windows x86_64": "win32-x64",
  "windows aarch64": "win32-arm64",
};

/**
 * Puts Dawn, Chrome's WebGPU, in the place of Deno's: what asks for a device from now on gets Dawn's.
 *
 * @throws {Deno.errors.NotFound} where it is not installed, or there is none for this machine
 * @throws {Error} where it cannot be loaded
 */
export async function useDawn(): Promise<void> {
  const { os, arch } = Deno.build, machine = `${os} ${arch}`;
  const folder = Object.hasOwn(FOLDERS, machine) ? FOLDERS[machine] : undefined;
  const refuse = (why: string) =>
    userError(new Deno.errors.NotFound(`Cannot verify on device dawn: ${why}`));
  if (folder === undefined) throw refuse(`npm's webgpu has none for ${machine}`);
  const place = new URL("../../../deps/dawn/node_modules/webgpu/dist/", import.meta.url);
  const path = fromFileUrl(new URL(`${folder}/dawn.node`, place));
  if (!await exists(path)) throw refuse("it is not installed; install it first: deno task dawn");
  try {
    // The package's own module reads the environment; this is all that it loads besides.
    const { create, globals }: Dawn = createRequire(import.meta.url)(path);
    Object.assign(globalThis, globals);
    Object.defineProperty(navigator, "gpu", { value: create([]), configurable: true });
  } catch (error) {
    if (isUserError(error) || error instanceof Deno.errors.NotCapable) throw error;
    throw userError(
      new Error(`Cannot verify on device dawn: ${messageOf(error)}`, { cause: error }),
    );
  }
}
