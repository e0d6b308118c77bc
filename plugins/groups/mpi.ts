import * as z from "zod";
import { definePlugin } from "seamstress";
import { chooseDevice, DEVICE_VARIABLES } from "./mpi/device.ts";
import { MpiGroup } from "./mpi/group.ts";
import { environmentVariable, launcherOf } from "./mpi/launcher.ts";
import { checkSameJob } from "./mpi/same_job.ts";
import { joinWorld } from "./mpi/world.ts";
import { wire } from "./wire.ts";

/** Processes that `mpirun` or `srun` started, on one machine or many. */
export const mpiGroup = definePlugin({
  kind: "group",
  name: "mpi",
  summary: "processes of an MPI job, on one machine or many: mpirun -n 4 deno task run-mpi RECIPE",
  options: z.strictObject({
    library: z.string().min(1).optional().describe(
      "The MPI library, a file or a name that the dynamic linker finds; that of the mpirun that started the job where left out",
    ),
    timeout: z.number().positive().max(1e6).default(1800).describe(
      "Seconds that a rank waits for others at one place; a rank that is not there by then is taken to hang, and the job ends",
    ),
    wire,
    devices: z.array(
      z.partialRecord(z.enum(DEVICE_VARIABLES), z.string().min(1)),
    ).min(1).optional().describe(
      "Which GPU the ranks of a machine take, in turn: environment variables of the Vulkan loader and Mesa",
    ),
  }),
  create: ({ library, timeout, wire, devices }) => {
    let joined: MpiGroup | undefined;
    return {
      external: true,
      localSize: () => joined?.localSize,
      size: () => launcherOf(environmentVariable).size,
      async join(options) {
        const world = joinWorld(library);
        if (devices) chooseDevice(devices, world.local);
        const group = joined = new MpiGroup(world, timeout, wire);
        await checkSameJob(group, world.host, options);
        return group;
      },
    };
  },
});
