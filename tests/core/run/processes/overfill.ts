// Writes a small file and then a larger one over it, in a folder whose disk has no room for the larger; prints what came of it.
import { writeAtomic } from "../../../../core/run/atomic.ts";
import { isUserError, messageOf } from "../../../../core/errors.ts";

const folder = Deno.args[0]!;
const path = `${folder}/last.json`;
await writeAtomic(path, "previous");
const result = await writeAtomic(path, new Uint8Array(300_000)).then(
  () => ({ message: "written", userError: false }),
  (error) => ({ message: messageOf(error), userError: isUserError(error) }),
);
const text = JSON.stringify({
  ...result,
  content: await Deno.readTextFile(path),
  names: (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name),
});
await Deno.stdout.write(new TextEncoder().encode(text));
