import { respond } from "../../../plugins/studio/serve.ts";
import { Studio } from "../../../plugins/studio/studio.ts";
import { registry, withRun } from "../observers/report_run.ts";

/** Port that requests of these tests name; nothing listens. */
export const PORT = 8765;

/** Requests as a browser sends them. */
export type Get = (path: string, init?: RequestInit) => Promise<Response>;

/** A studio of a folder, asked without a network. */
export function ask(root: string, signal: AbortSignal): Get {
  const studio = new Studio({ root, factory: registry, signal });
  return (path, init = {}) => {
    const headers = new Headers(init.headers);
    if (!headers.has("host")) headers.set("host", `127.0.0.1:${PORT}`);
    const request = new Request(`http://127.0.0.1:${PORT}/${path}`, { ...init, headers });
    return respond(request, PORT, studio);
  };
}

/** Gives a test a folder `runs` with the fake run of the report's tests in it, called `fake`, and a studio of it. */
export async function withStudio(
  fn: (get: Get, runs: string) => Promise<void>,
  summary = "Two networks",
): Promise<void> {
  const ended = new AbortController();
  await withRun({ maps: { baseline: 99, seam: 98 }, summary }, async (folder) => {
    const runs = `${folder}-runs`;
    await Deno.mkdir(runs);
    await Deno.rename(folder, `${runs}/fake`);
    try {
      await fn(ask(runs, ended.signal), runs);
    } finally {
      ended.abort();
      await Deno.rename(`${runs}/fake`, folder);
      await Deno.remove(runs, { recursive: true });
    }
  });
}

/** Reads JSON of the studio's data. */
export async function json<T>(get: Get, path: string): Promise<T> {
  const response = await get(`data/${path}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}
