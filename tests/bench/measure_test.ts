import { assert, assertEquals } from "@std/assert";
import type { Clock } from "../../bench/measure/clock.ts";
import { compare, least, median, ratioOf } from "../../bench/measure/compare.ts";
import { rowOf } from "../../bench/measure/row.ts";
import { enoughRepeats, sample } from "../../bench/measure/sample.ts";

/** Time that passes only where a test says so. */
class FakeClock implements Clock {
  #wall = 0;
  #processor = 0;
  readonly wall = () => this.#wall;
  readonly processor = () => this.#processor;

  pass(wall: number, processor = 0): void {
    this.#wall += wall;
    this.#processor += processor;
  }
}

Deno.test("a sample's time begins after what was launched before, and ends when the device has done it", async () => {
  const clock = new FakeClock(), calls: string[] = [];
  const taken = await sample(
    {
      prepare() {
        calls.push("prepare");
        clock.pass(1000, 1000);
      },
      run() {
        calls.push("run");
        clock.pass(1, 2);
      },
      settle() {
        calls.push("settle");
        clock.pass(6);
        return Promise.resolve();
      },
    },
    3,
    clock,
  );
  assertEquals(calls, ["prepare", "settle", "run", "run", "run", "settle"]);
  // Three launches and one wait, by three.
  assertEquals(taken, { wall: 3, processor: 2 });
});

Deno.test("what runs asynchronously is waited for before it runs again", async () => {
  const clock = new FakeClock();
  let running = 0, most = 0;
  const run = async () => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    clock.pass(2);
    running--;
  };
  assertEquals((await sample({ run }, 4, clock)).wall, 2);
  assertEquals(most, 1);
});

Deno.test("repeats grow until a measurement lasts long enough, although waiting is most of few", async () => {
  const clock = new FakeClock();
  const work = { run: () => clock.pass(0.1), settle: () => Promise.resolve(clock.pass(9.9)) };
  const first = await sample(work, 1, clock);
  const repeats = await enoughRepeats(work, first, "wall time", { leastMs: 30 }, clock);
  assert((await sample(work, repeats, clock)).wall * repeats >= 30, `${repeats}`);
  const few = { leastMs: 30, mostRepeats: 16 };
  assertEquals(await enoughRepeats(work, first, "wall time", few, clock), 16);
  const long = { run: () => clock.pass(31) };
  assertEquals(
    await enoughRepeats(long, await sample(long, 1, clock), "wall time", few, clock),
    1,
  );
});

Deno.test("implementations take turns, and rounds that warm up do not count", async () => {
  const clock = new FakeClock(), calls: string[] = [];
  // The first two of each compile.
  const waits: Record<string, number[]> = { ours: [500, 40, 50, 40], tfjs: [900, 80, 200, 100] };
  const work = (name: string) => ({
    prepare: () => calls.push(name),
    run: () => clock.pass(waits[name]!.shift()!, 1),
  });
  const implementations = { tfjs: work("tfjs"), ours: work("ours") };
  const times = await compare(implementations, {
    ...{ rounds: 2, measured: "wall time", clock },
  });
  assertEquals(calls, ["tfjs", "ours", "tfjs", "ours", "tfjs", "ours", "tfjs", "ours"]);
  assertEquals(times.tfjs.counted, [200, 100]);
  assertEquals(times.ours.wall, [50, 40]);
  assertEquals(ratioOf(times.ours, times.tfjs), { ratio: 2.5, spread: [2.5, 4] });
});

Deno.test("where processor time is measured, what else the machine does between does not count", async () => {
  const clock = new FakeClock();
  const work = (processor: number) => ({ run: () => clock.pass(1000, processor) });
  const times = await compare({ ours: work(30), tfjs: work(90) }, {
    ...{ rounds: 3, measured: "processor time", clock },
  });
  assertEquals(ratioOf(times.ours, times.tfjs), { ratio: 3, spread: [3, 3] });
});

Deno.test("a row compares ours with every other, by the least time and by memory; what stands alone has no factor", () => {
  const times = (...counted: number[]) => ({ wall: counted, processor: counted, counted });
  const all = { tfjs: times(9, 12), composed: times(4, 4), ours: times(3, 2) };
  assertEquals(rowOf("conv", { flops: 4e6 }, all, { tfjs: 400, composed: 200, ours: 100 }), {
    what: "conv",
    ms: { tfjs: 9, composed: 4, ours: 2 },
    cpuMs: { tfjs: 9, composed: 4, ours: 2 },
    ratio: { tfjs: 4.5, composed: 2 },
    spread: { tfjs: [3, 6], composed: [1.33, 2] },
    gflops: 2,
    bytes: { tfjs: 400, composed: 200, ours: 100 },
    bytesRatio: { tfjs: 0.25, composed: 0.5 },
  });
  assertEquals(rowOf("copy", { bytes: 8e6 }, { tfjs: times(4) }), {
    ...{ what: "copy", ms: { tfjs: 4 }, cpuMs: { tfjs: 4 }, ratio: {}, gbytes: 2 },
  });
});

Deno.test("least and median", () => {
  assertEquals([least([3, 1, 2]), median([3, 1, 2]), median([4, 1, 3, 2])], [1, 2, 3]);
});
