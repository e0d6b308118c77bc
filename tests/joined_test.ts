import { assert, assertEquals } from "@std/assert";
import { isolates, testFiles } from "./joined.ts";

Deno.test("every test file runs once, by the task test or by a task of its own", async () => {
  const run = isolates(await testFiles("tests")).flat();
  assertEquals(run.toSorted(), [...new Set(run)].toSorted());
  for (const path of ["tests/joined_test.ts", "tests/core/trainer/trainer_test.ts"]) {
    assert(run.includes(path), path);
  }
  const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
  const commands = Object.values(tasks as Record<string, { command: string }>).map((task) =>
    task.command
  );
  for (const folder of ["tests/alone", "tests/long"]) {
    assertEquals(run.filter((path) => path.startsWith(folder)), []);
    assert(commands.some((command) => command.endsWith(`test-file --no-check ${folder}`)), folder);
  }
});

Deno.test("small tests share isolates with their neighbours, others have one of their own", () => {
  const small = Array.from({ length: 20 }, (_, i) => `tests/core/${i + 10}_test.ts`);
  const apart = ["tests/plugins/groups/mpi_test.ts", "tests/stop_test.ts"];
  const [first, second, ...shared] = isolates([...small, ...apart]);
  assertEquals([first, second], [[apart[0]!], [apart[1]!]]);
  assertEquals(shared.flat(), small);
  assert(shared.length === 2 && shared.every((files) => files.length > 1), String(shared.length));
});
