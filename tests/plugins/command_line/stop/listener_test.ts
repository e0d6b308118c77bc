import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "../../../../core/recipe/paths.ts";

const BUSY = fromFileUrl(new URL("../../../core/stop/busy.ts", import.meta.url));

/** Signals sent to a process that computes without a pause, with milliseconds to wait before each. */
async function send(signals: readonly (readonly [number, Deno.Signal])[], ...args: string[]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", BUSY, ...args],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const err = new Response(child.stderr).text();
  const reader = child.stdout.getReader();
  await reader.read();
  for (const [wait, signal] of signals) {
    await new Promise((go) => setTimeout(go, wait));
    child.kill(signal);
  }
  const sent = performance.now();
  const { code } = await child.status;
  const took = performance.now() - sent;
  await reader.cancel();
  return { code, took, err: await err };
}

Deno.test("StopListener hears a signal while the main thread computes, and says so once", async () => {
  for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const { code, err } = await send([[0, signal]]);
    assertEquals(code, expected, err);
    assertEquals(err.match(/the run stops/g)?.length, 1, err);
    assertMatch(err, new RegExp(`^\n${signal}: `));
  }
});

Deno.test("StopListener takes a signal that comes twice at once for one press", async () => {
  const { code, err, took } = await send(
    [[0, "SIGINT"], [20, "SIGINT"], [900, "SIGTERM"]],
    "--ignore",
  );
  assertEquals([code, err.match(/the run stops/g)?.length], [143, 1]);
  assertEquals(took < 5000, true, `it took ${took} ms`);
});

Deno.test("StopListener lets a second signal end the process at once, whatever it computes", async () => {
  const { code, took } = await send([[0, "SIGINT"], [900, "SIGINT"]], "--ignore");
  assertEquals(code, 130);
  assertEquals(took < 5000, true, `it took ${took} ms`);
});
