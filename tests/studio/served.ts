/** The repository. */
export const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** Says what was seen to the test that started this. */
// deno-lint-ignore no-console -- the test reads it
export const seen = (text: string): void => console.log(text);

/** Starts a command of the command line; what it prints can be read, or goes nowhere. */
export function seamstress(stdout: "piped" | "null", ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      "--allow-read",
      "--allow-write",
      "--allow-net=127.0.0.1",
      `--config=${ROOT}/deno.json`,
      `${ROOT}/cli.ts`,
      ...args,
    ],
    stdin: "null",
    stdout,
    stderr: "null",
  }).spawn();
}

/** Starts the studio of a folder. @returns the process and its address */
export async function startStudio(
  runs: string,
): Promise<{ process: Deno.ChildProcess; url: string }> {
  const process = seamstress("piped", "studio", runs, "--port", "0");
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  reader.cancel();
  return { process, url: value.trim() };
}

/** Serves a folder as any web server would, below a path. */
export function serveFolder(folder: string): Deno.HttpServer<Deno.NetAddr> {
  const types: Record<string, string> = {
    html: "text/html",
    js: "text/javascript",
    css: "text/css",
    svg: "image/svg+xml",
    wasm: "application/wasm",
  };
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const path =
      decodeURIComponent(new URL(request.url).pathname).replace(/^\/some\/where\//, "") ||
      "index.html";
    try {
      const type = types[path.split(".").at(-1)!] ?? "application/octet-stream";
      return new Response(await Deno.readFile(`${folder}/${path}`), {
        headers: { "content-type": type },
      });
    } catch {
      return new Response("none", { status: 404 });
    }
  });
}
