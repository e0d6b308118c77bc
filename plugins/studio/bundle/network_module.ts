import { keptBundle, type Made } from "./kept_bundle.ts";
import type { Bundled } from "./worker.ts";

let made: Promise<string> | undefined;

/** Bundles a module in a Worker, which ends with it. */
function bundleBeside(entry: string): Promise<Made> {
  const { promise, resolve, reject } = Promise.withResolvers<Made>();
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Bundled>) =>
    "text" in data
      ? resolve(data)
      : reject(new Error(`Cannot make the page's network module: ${data.error}`));
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`Cannot make the page's network module: ${event.message}`));
  };
  worker.postMessage(entry);
  return promise.finally(() => worker.terminate());
}

/**
 * The script by which the page computes with networks: `compute/worker.ts` and all of the project that it needs, made when a page first
 * asks for it.
 *
 * @param cache folder that this process may write; there it is kept for the next studio, until one of its modules changes
 * @returns its text
 * @throws {Error} where a module cannot be read
 */
export function networkModule(cache?: string): Promise<string> {
  const make = () => bundleBeside(new URL("../compute/worker.ts", import.meta.url).href);
  made ??= (cache === undefined ? make().then(({ text }) => text) : keptBundle(cache, make))
    .catch((error) => {
      made = undefined;
      throw error;
    });
  return made;
}
