/** Names by which a page on this machine may address the studio. */
const HOSTS = ["127.0.0.1", "localhost"];

/**
 * Headers of every answer: the page loads from here alone, and no other site may embed or read it. Networks are computed by WebAssembly
 * where there is no GPU, and JPEG is decoded by it; scripts are made of no texts.
 */
export const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * Tells requests of the studio's own page from those of others. A name that another site has pointed at this machine (DNS rebinding)
 * shows in `Host`, a page of another site in `Origin` or `Sec-Fetch-Site`.
 *
 * @param request as it came
 * @param port that the studio listens on
 * @returns what is wrong with it, with the status to answer; nothing where it is fine
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { refusal } from "./guard.ts";
 * const from = (headers: HeadersInit) => refusal(new Request("http://127.0.0.1:8000/", { headers }), 8000);
 * assertEquals(from({ host: "127.0.0.1:8000" }), undefined);
 * assertEquals(from({ host: "evil.example:8000" })?.status, 403);
 * assertEquals(from({ host: "127.0.0.1:8000", origin: "http://evil.example" })?.status, 403);
 * ```
 */
export function refusal(
  request: Request,
  port: number,
): { readonly status: number; readonly why: string } | undefined {
  const own = HOSTS.map((host) => `${host}:${port}`);
  const host = request.headers.get("host");
  if (host === null || !own.includes(host)) {
    return { status: 403, why: `Host is not ${own.join(" or ")}` };
  }
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== `http://${host}`) {
    return { status: 403, why: "Origin is another site" };
  }
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && !["same-origin", "none"].includes(site)) {
    // A link on another page may lead here; what it shows there stays unread.
    const visit = request.headers.get("sec-fetch-mode") === "navigate" &&
      request.headers.get("sec-fetch-dest") === "document";
    if (!visit) return { status: 403, why: "the request comes from another site" };
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    return { status: 405, why: "the studio only shows: GET and HEAD alone" };
  }
  return undefined;
}
