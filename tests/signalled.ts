/**
 * Gives a command a signal once a training is under way.
 *
 * @param child the command
 * @param run folder of the run that trains
 * @param signal such as SIGTERM
 * @returns its exit code and what it wrote to standard error
 * @throws {Error} where it ended by itself before
 */
export async function signalled(
  child: Deno.ChildProcess,
  run: string,
  signal: Deno.Signal,
): Promise<{ code: number; err: string }> {
  const texts = Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const logged = () => Deno.readTextFile(`${run}/metrics.jsonl`).catch(() => "");
  let over = false;
  const ended = child.status.then(() => over = true);
  while (!over && !(await logged()).includes('"step"')) {
    await new Promise((go) => setTimeout(go, 10));
  }
  if (over) throw new Error(`The run ended by itself: ${(await texts)[1]}`);
  child.kill(signal);
  await ended;
  const { code } = await child.status;
  const [, err] = await texts;
  return { code, err };
}
