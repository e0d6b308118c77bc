import { cannotRun, leaveOut } from "../../../leave_out.ts";

/** Runs a program to its end. @returns its exit code and output; 127 where it is not there */
async function attempt(program: string, ...args: string[]) {
  try {
    const { code, stdout, stderr } = await new Deno.Command(program, { args }).output();
    const text = new TextDecoder();
    return { code, out: text.decode(stdout) + text.decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      return { code: 127, out: "not installed" };
    }
    throw error;
  }
}

async function must(program: string, ...args: string[]): Promise<void> {
  const { code, out } = await attempt(program, ...args);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${out}`);
}

/** Two network namespaces that are joined by a cable: to MPI two hosts, with names and addresses of their own. */
export interface Hosts {
  /** Arguments of `mpirun.openmpi` for one rank on each, with TCP between them. */
  readonly args: readonly string[];
  /** A program and its arguments before those of a command that is to run on the first host. */
  readonly onFirst: readonly [string, ...string[]];
}

/** What stands in the place of `ssh HOST COMMAND`. */
const agent = (a: string, b: string) =>
  `#!/bin/sh
host=$1; shift
case $host in 10.77.0.1) space=${a};; *) space=${b};; esac
exec ip netns exec $space unshare -u sh -c "hostname $space; $*"
`;

/**
 * Runs a test on two hosts. Where namespaces of the network cannot be made, as in most containers, it says so and returns.
 *
 * @param folder for the program that takes the place of `ssh`
 * @param fn the test
 */
export async function onTwoHosts(
  folder: string,
  fn: (hosts: Hosts) => Promise<void>,
): Promise<void> {
  const name = crypto.randomUUID().slice(0, 8);
  const [a, b] = [`seam-${name}-a`, `seam-${name}-b`];
  const first = await attempt("ip", "netns", "add", a);
  if (first.code === 127) return leaveOut("two hosts: no program ip; Debian's package iproute2");
  if (first.code !== 0) return cannotRun(`two hosts: no network namespaces: ${first.out.trim()}`);
  try {
    await must("ip", "netns", "add", b);
    await must(
      ...["ip", "link", "add", "va", "netns", a, "type", "veth"] as const,
      ...["peer", "name", "vb", "netns", b],
    );
    for (const [space, cable, address] of [[a, "va", "10.77.0.1"], [b, "vb", "10.77.0.2"]]) {
      await must("ip", "-n", space!, "addr", "add", `${address}/24`, "dev", cable!);
      await must("ip", "-n", space!, "link", "set", "lo", "up");
      await must("ip", "-n", space!, "link", "set", cable!, "up");
    }
    const remote = `${folder}/agent.sh`;
    await Deno.writeTextFile(remote, agent(a, b), { mode: 0o755 });
    const settings: Readonly<Record<string, string>> = {
      plm_rsh_agent: remote,
      btl: "tcp,self",
      btl_tcp_if_include: "10.77.0.0/24",
      oob_tcp_if_include: "10.77.0.0/24",
    };
    await fn({
      args: [
        ...Object.entries(settings).flatMap(([key, value]) => ["--mca", key, value]),
        ...["--host", "10.77.0.1:1,10.77.0.2:1"],
      ],
      onFirst: [
        "ip",
        "netns",
        "exec",
        a,
        "unshare",
        "-u",
        "sh",
        "-c",
        `hostname ${a}; exec "$@"`,
        "sh",
      ],
    });
  } finally {
    for (const space of [a, b]) await attempt("ip", "netns", "del", space);
  }
}
