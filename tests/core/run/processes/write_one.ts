import { writeAtomic } from "../../../../core/run/atomic.ts";

// Writes one file, for a test that looks at the system calls.
await writeAtomic(Deno.args[0]!, "whole");
