// Begins a run in the folder given, says so, and stays there until it is killed.
import { RunFolder } from "../../../../core/run/run_folder.ts";

await using run = await RunFolder.open(Deno.args[0]!, { resume: false });
await run.writeRecipe({ name: "held" });
await Deno.stdout.write(new TextEncoder().encode("held\n"));
await new Promise((resolve) => setTimeout(resolve, 60_000));
