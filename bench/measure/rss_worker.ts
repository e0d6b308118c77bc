/// <reference lib="deno.worker" />
// A Worker that watches the process's resident memory while the main thread computes.
declare const self: DedicatedWorkerGlobalScope;

let peak = 0;
setInterval(() => peak = Math.max(peak, Deno.memoryUsage().rss), 100);
self.addEventListener("message", () => {
  self.postMessage(Math.max(peak, Deno.memoryUsage().rss));
  peak = 0;
});
