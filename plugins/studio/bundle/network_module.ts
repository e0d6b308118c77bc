import type { Bundled } from "./worker.ts";

let made: Promise<string> | undefined;

/** Bundles a module in a Worker, which ends with it. */
function bundleBeside(entry: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Bundled>) =>
    "text" in data
      ? resolve(data.text)
      : reject(new Error(`Cannot make the page's network module: ${data.error}`));
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`Cannot make the page's network module: ${event.message}`));
  };
  worker.postMessage(entry);
  return promise.finally(() => worker.terminate());
}

/**
 * The script by which the page computes with networks: `compute/worker.ts` and all of the project that it needs, made anew when the
 * studio first asks for it, and kept.
 *
 * @returns its text
 * @throws {Error} where a module cannot be read
 */
export function networkModule(): Promise<string> {
  made ??= bundleBeside(new URL("../compute/worker.ts", import.meta.url).href)
    .catch((error) => {
      made = undefined;
      throw error;
    });
  return made;
}
