import * as tf from "@tensorflow/tfjs";
import { isUserError, messageOf } from "../../../core/errors.ts";
import { backends } from "../../backends.ts";

/** Bytes that the process may take beyond what it has. */
const LEFT = 400e6;

/**
 * Fills the device's memory until it has none left; ends with 0 where that is said, as a user error. A program of its own: it limits
 * the memory of its process.
 */
const info = await backends.webgpu.prepare();
await tf.ones([1000]).data();
// Deno itself reads /proc only where everything is allowed.
const { stdout } = await new Deno.Command("/usr/bin/cat", { args: [`/proc/${Deno.pid}/status`] })
  .output();
const status = new TextDecoder().decode(stdout);
const virtual = Number(/VmSize:\s+(\d+) kB/.exec(status)![1]) * 1024;
await new Deno.Command("/usr/bin/prlimit", {
  args: ["--pid", String(Deno.pid), `--as=${Math.floor(virtual + LEFT)}`],
}).output();
try {
  for (let i = 0; i < 16; i++) {
    tf.keep(tf.fill([16e6], i));
    await info.check();
  }
} catch (error) {
  // deno-lint-ignore no-console -- the test reads it
  console.log(messageOf(error));
  Deno.exit(isUserError(error) ? 0 : 2);
}
Deno.exit(1);
