import { isUserError, messageOf, userError } from "seamstress";
import { HEADERS, refusal } from "./guard.ts";
import { contentType, pageFile } from "./page_files.ts";
import type { Resource, Studio } from "./studio.ts";

/** The studio's address. The task's permissions allow no other. */
const HOSTNAME = "127.0.0.1";

/** A studio that answers. */
export interface Serving {
  /** Where to look. */
  readonly url: string;
  /** Resolves once it was stopped. */
  readonly ended: Promise<void>;
}

/** How to serve. */
export interface ServeOptions {
  /** 0 for any that is free. */
  readonly port: number;
  /** Stops it. */
  readonly signal: AbortSignal;
}

function plain(text: string, status: number): Response {
  const headers = { ...HEADERS, "content-type": "text/plain; charset=utf-8" };
  return new Response(text, { status, headers });
}

function answer({ body, type }: Resource): Response {
  return new Response(body as BodyInit, { headers: { ...HEADERS, "content-type": type } });
}

/** Data that cannot be read is said to the page as JSON, which shows it as text. */
function fault(error: unknown): Response {
  const gone = error instanceof Deno.errors.NotFound;
  const status = gone ? 404 : isUserError(error) ? 422 : 500;
  return Response.json({ error: messageOf(error) }, { status, headers: HEADERS });
}

/**
 * Answers one request.
 *
 * @param request as it came
 * @param port that the studio listens on
 * @param studio what is shown
 * @returns a file of the page, data of runs, or a refusal
 */
export async function respond(request: Request, port: number, studio: Studio): Promise<Response> {
  const refused = refusal(request, port);
  if (refused) return plain(`Refused: ${refused.why}`, refused.status);
  const { pathname, searchParams } = new URL(request.url);
  const path = pathname.slice(1) || "index.html";
  try {
    const file = await pageFile(path, studio.cache);
    if (file !== undefined) return answer({ body: file, type: contentType(path) });
    if (!path.startsWith("data/")) return plain("Not found", 404);
    const found = await studio.resource(path.slice("data/".length), searchParams);
    return found ? answer(found) : plain("Not found", 404);
  } catch (error) {
    return fault(error);
  }
}

/**
 * Serves the studio on this machine alone: files of the page and data of runs, to be read by its own page.
 *
 * @param studio what is shown
 * @param options port, and what stops it
 * @returns where it is
 * @throws {Deno.errors.AddrInUse} where another program listens there
 */
export function serveStudio(studio: Studio, { port, signal }: ServeOptions): Serving {
  try {
    const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve(
      { hostname: HOSTNAME, port, signal, onListen() {} },
      (request) => respond(request, server.addr.port, studio),
    );
    return { url: `http://${HOSTNAME}:${server.addr.port}/`, ended: server.finished };
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw userError(
      new Deno.errors.AddrInUse(
        `Cannot serve the studio on ${HOSTNAME}:${port}: another program listens there, perhaps another studio; ` +
          "choose another port with --port, or 0 for any that is free",
        { cause: error },
      ),
    );
  }
}
