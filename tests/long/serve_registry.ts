/**
 * Serves a package as a registry does: prints its address, then each path that is asked for.
 *
 *   deno run --allow-net=127.0.0.1 tests/long/serve_registry.ts npm|jsr PACKAGE
 *
 * @module
 */
import { seen } from "../studio/served.ts";
import { answersOf, type RegistryKind } from "./registry.ts";

const [kind, offered] = Deno.args as [RegistryKind, string];
let answers: Readonly<Record<string, BodyInit>> = {};
const server = Deno.serve(
  { port: 0, hostname: "127.0.0.1", onListen: () => {} },
  ({ url }) => {
    const path = decodeURIComponent(new URL(url).pathname);
    seen(path);
    const found = Object.hasOwn(answers, path) ? answers[path] : undefined;
    return found === undefined ? new Response("not here", { status: 404 }) : new Response(found);
  },
);
const origin = `http://127.0.0.1:${server.addr.port}`;
answers = await answersOf(kind, JSON.parse(offered), origin);
seen(origin);
