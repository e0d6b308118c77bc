/**
 * Worker that bundles one module: esbuild takes a second of a core and 100 MB, which the studio gets back when it ends.
 *
 * @module
 */
import { messageOf } from "seamstress";
import { bundle } from "./bundle.ts";

/** What the Worker answers. */
export type Bundled = { readonly text: string } | { readonly error: string };

/** The part of a Worker's global scope that is used here; the compiler knows only the main thread's. */
interface WorkerScope {
  onmessage: (event: MessageEvent<string>) => void;
  postMessage(message: Bundled): void;
}

const scope = globalThis as unknown as WorkerScope;

async function answer(entry: string): Promise<Bundled> {
  try {
    const { text, imports } = await bundle(entry);
    if (imports.length > 0) throw new Error(`it would import ${imports.join(", ")}`);
    return { text };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

scope.onmessage = async ({ data }) => scope.postMessage(await answer(data));
