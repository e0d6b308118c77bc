import type { Backend, BackendInfo } from "../core/contracts/backend.ts";
import { DEFAULT_LIMITS } from "../core/recipe/limits.ts";
import type { PluginFactory } from "../core/registry/plugin.ts";
import { cpuBackend } from "../plugins/backends/cpu.ts";
import { wasmBackend } from "../plugins/backends/wasm.ts";
import { webgpuBackend } from "../plugins/backends/webgpu.ts";
import { ops } from "../plugins/ops/list.ts";

/** A tfjs backend's name. */
export type BackendName = "webgpu" | "wasm" | "cpu";

const noFactory: PluginFactory = {
  limits: DEFAULT_LIMITS,
  create: () => Promise.reject(new Error("These backends name no other plugins")),
};

/** A backend that is prepared with the operations that ship. */
export interface TestBackend extends Pick<Backend, "available"> {
  prepare(): Promise<BackendInfo>;
}

/**
 * Lets a backend be prepared as tests mostly want it.
 *
 * @param backend of a plugin
 * @returns the same, with the operations that ship
 */
export function withShippedOps(backend: Backend): TestBackend {
  return { available: () => backend.available(), prepare: () => backend.prepare(ops) };
}

/** Every backend, ready to be prepared. */
export const backends: Readonly<Record<BackendName, TestBackend>> = {
  cpu: withShippedOps(await cpuBackend.create({}, undefined, noFactory)),
  wasm: withShippedOps(await wasmBackend.create({}, undefined, noFactory)),
  webgpu: withShippedOps(
    await webgpuBackend.create({ powerPreference: "high-performance" }, undefined, noFactory),
  ),
};

const present: BackendName[] = [];
for (const [name, backend] of Object.entries(backends)) {
  const found = await backend.available();
  if (found.ok) present.push(name as BackendName);
  else if (Deno.env.has("CI")) {
    Deno.test(`this machine has ${name}`, () => {
      throw new Error(`No test ran on ${name}: ${found.reason}`);
    });
  } else {
    // deno-lint-ignore no-console -- a skipped backend must be seen
    console.warn(`\n!!! SKIPPED: no test here runs on ${name}: ${found.reason} !!!\n`);
  }
}

/** The backends that this machine has. */
export const presentBackends: readonly BackendName[] = present;

/**
 * Registers one test a backend that this machine has. The backend is prepared with every fix, and the test fails where the device
 * reports an error, whatever the numbers say.
 *
 * @param name a sentence; the backend's name is appended
 * @param fn the test
 */
export function eachBackend(
  name: string,
  fn: (backend: BackendName) => void | Promise<void>,
): void {
  for (const backend of present) {
    Deno.test({
      name: `${name} [${backend}]`,
      // The device outlives the test, and so do its pending operations.
      sanitizeOps: backend !== "webgpu",
      sanitizeResources: backend !== "webgpu",
      fn: async () => {
        const info = await backends[backend].prepare();
        try {
          await fn(backend);
        } catch (error) {
          // What this test broke must not fail the next one.
          await info.check().catch(() => {});
          throw error;
        }
        await info.check();
      },
    });
  }
}
