/** Listens for signals, then computes without a pause, as a long training step does; a line says that it began. */
import { StopListener } from "../../../plugins/command_line/stop/listener.ts";

using stop = await StopListener.open();
Deno.stdout.writeSync(new TextEncoder().encode("busy\n"));
const until = performance.now() + 20_000;
const ignores = Deno.args.includes("--ignore");
let looks = 0;
while (performance.now() < until && (ignores || !stop.requested)) looks++;
Deno.exit(stop.requested ? stop.exitCode : 1);
