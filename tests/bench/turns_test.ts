import { assert, assertEquals, assertRejects } from "@std/assert";
import { compare } from "../../bench/measure/compare.ts";
import { linesOf } from "../../bench/measure/lines.ts";
import { Load } from "../../bench/measure/load.ts";
import { Service } from "../../bench/measure/service.ts";
import { turnsRow } from "../../bench/measure/turns.ts";
import { renderPage } from "../../bench/page/page.ts";
import { inTempFolder } from "../command.ts";

/** A process that answers with times, and fails at the third question. */
const SCRIPT = `read a; echo '{"seconds": 2, "cpuSeconds": 1, "processorSeconds": 3}'
read b; echo '{"seconds": 4, "cpuSeconds": 1, "processorSeconds": 4}'
read c; echo "no such part" >&2; exit 1
`;

async function withService(
  load: Load,
  fn: (service: Service) => Promise<void>,
): Promise<void> {
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/service.sh`, SCRIPT);
    await using service = new Service({
      ...{ program: "sh", args: [`${folder}/service.sh`], name: "a script", load },
    });
    await fn(service);
  });
}

Deno.test("a process computes in turns with others, by the times that it says itself", () =>
  withService(
    new Load(true, { cores: 1, wall: () => 0, machine: () => 0, own: () => 0 }),
    async (service) => {
      const order: string[] = [];
      const other = { run: () => new Promise<void>((done) => setTimeout(done, 5)) };
      const work = service.work("part", () => 2);
      const times = await compare({ service: work, other }, {
        ...{ rounds: 2, warmUps: 0, measured: "wall time", leastMs: 1 },
        taken: (name, round) => order.push(`${name} ${round}`),
      });
      assertEquals(order, ["service 1", "other 1", "service 2", "other 2"]);
      assertEquals(times.service.wall, [1000, 2000]);
      assertEquals(times.service.processor, [500, 500]);
      assert(times.other.wall[0]! >= 4);
      await assertRejects(() => service.ask("part"), Error, "a script: no such part");
    },
  ));

Deno.test("what a process takes is not other programs'", () => {
  let machine = 0;
  const clock = { cores: 1, wall: () => machine === 0 ? 0 : 10_000, own: () => 0 };
  const load = new Load(false, { ...clock, machine: () => machine });
  return withService(load, async (service) => {
    await service.ask("part");
    await service.ask("part");
    machine = 4500;
    assertEquals(load.found(), { othersShare: 0.05 });
  });
});

Deno.test("lines are what newlines part, however they arrive", async () => {
  const chunks = ["a", "b\nc\n\nd", "e"].map((text) => new TextEncoder().encode(text));
  assertEquals(await Array.fromAsync(linesOf(ReadableStream.from(chunks))), ["ab", "c", "", "de"]);
});

const turn = (name: string, threads: number, ...wall: number[]) => ({
  ...{ name, threads, times: { wall, processor: wall.map((ms) => ms * threads) } },
});

Deno.test("a row has the median of the rounds, and factors of the rounds that both took part in", () => {
  const turns = [
    turn("ours", 1, 2000, 1000),
    turn("ours on all", 2, 1000, 500, 4000, 4000, 4000),
    turn("PyTorch", 2, 500, 600, 900, 1000, 900),
  ];
  const said = { what: "a step", images: 8, apart: {}, madeWith: {} };
  const row = turnsRow(turns, { ...said, references: ["ours", "ours on all"] });
  assertEquals(row.implementations["ours on all"], {
    ...{ threads: 2, seconds: 4, spread: [0.5, 4], cpuSeconds: 8, imagesPerSecond: 2, rounds: 5 },
  });
  assertEquals(row.ratio, {
    "ours": { "ours on all": 0.5, "PyTorch": 0.3 },
    "ours on all": { "ours": 2, "PyTorch": 0.225 },
  });
});

Deno.test("the page shows rows of both questions, slower ones too, with what was compared", () => {
  const turns = [turn("this project, 1 thread", 1, 4000), turn("PyTorch, 1 thread", 1, 2000)];
  const row = turnsRow(turns, {
    ...{ what: "a step", images: 8, references: ["this project, 1 thread"] },
    ...{ apart: { "PyTorch, 1 thread": { losses: 2e-5 } }, madeWith: {} },
  });
  const page = renderPage({ mobilenetStep: [row], infer: [{ ...row, what: "a folder" }] }, {});
  for (const part of ["### a step", "### a folder", "ours, 1 thread, is", "losses apart"]) {
    assert(page.includes(part), part);
  }
  const line = page.split("\n").find((line) => line.startsWith("| PyTorch, 1 thread"));
  assertEquals(line?.split("|").map((cell) => cell.trim()).slice(2, -1), [
    ...["2", "2 to 2", "1", "2", "4", "0.5x", "2.0e-5"],
  ]);
});
