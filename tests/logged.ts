/** Events that a run has logged, in order. */
export async function loggedEvents(run: string) {
  const lines = (await Deno.readTextFile(`${run}/metrics.jsonl`)).trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}

/** Those of its trainings' steps. */
export async function loggedSteps(run: string) {
  return (await loggedEvents(run)).filter(({ event }) => event === "step");
}
