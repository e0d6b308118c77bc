import { assertEquals, assertThrows } from "@std/assert";
import { Load, type LoadClock, MOST_OTHERS } from "../../bench/measure/load.ts";

/** Two cores whose time passes only where a test says so. */
class FakeMachine implements LoadClock {
  readonly cores = 2;
  #wall = 0;
  #machine = 0;
  #own = 0;
  readonly wall = () => this.#wall;
  readonly machine = () => this.#machine;
  readonly own = () => this.#own;

  /** Milliseconds of wall time, of this process and of others. */
  pass(wall: number, own: number, others: number): void {
    this.#wall += wall;
    this.#own += own;
    this.#machine += own + others;
  }
}

Deno.test("the load that is found is other programs' alone, as a share of all cores", () => {
  const machine = new FakeMachine();
  machine.pass(100, 50, 200);
  const load = new Load(false, machine);
  machine.pass(1000, 1700, 100);
  assertEquals(load.found(), { othersShare: 0.05 });
  // A peer that this benchmark ran is not another program.
  machine.pass(1000, 0, 1000);
  load.countPeer(1);
  assertEquals(load.found(), { othersShare: 0.025 });
});

Deno.test("above the bound nothing is recorded, and the error says what was found; --busy marks the results", () => {
  for (const busy of [false, true]) {
    const machine = new FakeMachine(), load = new Load(busy, machine);
    machine.pass(1000, 500, 2 * 1000 * MOST_OTHERS);
    assertEquals(load.found(), { othersShare: MOST_OTHERS });
    machine.pass(1000, 500, 1000);
    if (busy) assertEquals(load.found(), { othersShare: 0.3, busy: true });
    else {assertThrows(
        () => load.found(),
        RangeError,
        "other programs took 30 % of this machine's 2 cores",
      );}
  }
});
