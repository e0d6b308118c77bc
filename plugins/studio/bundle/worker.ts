/**
 * Worker that bundles one module: esbuild takes seconds of a core and 100 MB, which the studio gets back when it ends.
 *
 * @module
 */
import { messageOf } from "seamstress";
import { type Bundle, bundle } from "./bundle.ts";

/** What the Worker answers. */
export type Bundled = Pick<Bundle, "text" | "files"> | { readonly error: string };

/** The part of a Worker's global scope that is used here; the compiler knows only the main thread's. */
interface WorkerScope {
  onmessage: (event: MessageEvent<string>) => void;
  postMessage(message: Bundled): void;
}

const scope = globalThis as unknown as WorkerScope;

async function answer(entry: string): Promise<Bundled> {
  try {
    const { text, imports, files } = await bundle(entry);
    if (imports.length > 0) throw new Error(`it would import ${imports.join(", ")}`);
    return { text, files };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

scope.onmessage = async ({ data }) => scope.postMessage(await answer(data));
