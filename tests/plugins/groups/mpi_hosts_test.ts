import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { inTempFolder } from "../../command.ts";
import { onTwoHosts } from "./mpi/hosts.ts";
import { mpiTest, OPEN_MPI, RANK_PERMISSIONS, runJob } from "./mpi/job.ts";

const RANK = "tests/plugins/groups/mpi/rank.ts";

mpiTest(
  "two hosts exchange values over TCP, and a rank killed on one ends the job",
  async (mpi) => {
    await inTempFolder((folder) =>
      onTwoHosts(folder, async (hosts) => {
        const deno = [...RANK_PERMISSIONS, "--allow-run", RANK];
        const calls = await runJob({ mpi, hosts, ranks: 2, deno: [...deno, "calls"] });
        assertEquals(calls.code, 0, calls.err);
        const { here, second, long } = JSON.parse(calls.out).calls;
        assertEquals(here, [[0, 1], [0, 1]], "each is alone on its host");
        assertEquals([second, long], [[0, -1], 3e6]);
        const killed = await runJob({ mpi, hosts, ranks: 2, deno: [...deno, "kill", "300"] });
        assertNotEquals(killed.code, 0);
        assert(killed.seconds < 60, `the job went on for ${killed.seconds} s`);
      })
    );
  },
  [OPEN_MPI],
);
