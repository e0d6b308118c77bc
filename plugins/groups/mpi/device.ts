import { userError } from "seamstress";

/** Environment variables that say which device a process finds: the Vulkan loader's, and that of Mesa's device selection. */
export const DEVICE_VARIABLES = ["VK_DRIVER_FILES", "MESA_VK_DEVICE_SELECT"] as const;

/** What is set for one rank. */
export type Device = Readonly<Partial<Record<typeof DEVICE_VARIABLES[number], string | undefined>>>;

/**
 * Sets what the ranks of a machine find as their GPU, in turn. The driver reads it at the first request of an adapter.
 *
 * @param devices at least one
 * @param local place of this rank among those of its machine
 * @throws where variables may not be set
 */
export function chooseDevice(devices: readonly Device[], local: number): void {
  const device = devices[local % devices.length]!;
  for (const name of DEVICE_VARIABLES) {
    const value = device[name];
    if (value === undefined) continue;
    if (Deno.permissions.querySync({ name: "env", variable: name }).state !== "granted") {
      throw userError(
        new Deno.errors.NotCapable(
          `Cannot choose a GPU with ${name}: setting the variable is not allowed; use deno task run-mpi, or give --allow-env=${name}`,
        ),
      );
    }
    Deno.env.set(name, value);
  }
}
