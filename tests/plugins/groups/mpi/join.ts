/**
 * Makes the group `mpi` of the options that its first argument gives as JSON, joins, and prints what every rank sees. The second
 * gives what each rank is to run.
 *
 * @module
 */
import { messageOf } from "../../../../core/errors.ts";
import { mpiGroup } from "../../../../plugins/groups/mpi.ts";

const say = (text: string) => void Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
const options = mpiGroup.options.parse(JSON.parse(Deno.args[0]!));
// What the test gives each rank, by rank.
const each = JSON.parse(Deno.args[1] ?? "[]") as { recipe?: unknown; modules?: string[] }[];
const place = each.length === 0
  ? 0
  : Number(Deno.env.get("OMPI_COMM_WORLD_RANK") ?? Deno.env.get("PMI_RANK"));
try {
  await using group = await (await mpiGroup.create(options, undefined, undefined as never))
    .join(
      { base: "/", modules: [], workerModules: [], size: 1, recipe: {}, ...each[place] } as never,
    );
  const adapter = options.devices && await navigator.gpu.requestAdapter();
  const all = await group.gather({ local: group.local, features: adapter?.features.size });
  if (group.rank === 0) say(JSON.stringify(all));
} catch (error) {
  say(messageOf(error));
  Deno.exit(1);
}
