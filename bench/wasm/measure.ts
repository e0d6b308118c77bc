import process from "node:process";
import * as tf from "@tensorflow/tfjs";
import { ours, type Registered, stock, swapIn } from "./sides.ts";

/** Both sides' time, of the processor: what else the machine does counts little. */
export interface Comparison {
  readonly stockMs: number;
  readonly oursMs: number;
  /** How many times as fast ours is. */
  readonly ratio: number;
}

/** Milliseconds that one measurement lasts at least, so that the clock's grain does not show. */
const LEAST_MS = 15;

/**
 * Times what tfjs computes, on both sides in turn, and takes the least of each: other programs only ever add to it.
 *
 * @param run computes; its tensors are disposed
 * @param rounds measurements a side
 * @returns the least times
 */
export function compare(run: () => void, rounds: number): Comparison {
  const sides = [stock, ours].map((side) => ({ side, repeats: 0, ms: Infinity }));
  // The first rounds warm up, and tell how many repeats the others take.
  for (let round = rounds > 1 ? -2 : -1; round < rounds; round++) {
    for (const one of sides) {
      const ms = time(one.side, run, Math.max(one.repeats, 1));
      if (round < 0) one.repeats = Math.ceil(LEAST_MS / Math.max(ms, 1e-3));
      else one.ms = Math.min(one.ms, ms);
    }
  }
  const [theirs, own] = sides.map(({ ms }) => ms) as [number, number];
  return { stockMs: digits(theirs), oursMs: digits(own), ratio: digits(theirs / own) };
}

function time(side: Registered, run: () => void, repeats: number): number {
  swapIn(side);
  const start = process.cpuUsage();
  for (let i = 0; i < repeats; i++) tf.tidy(run);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e3 / repeats;
}

function digits(value: number): number {
  return Number(value.toPrecision(3));
}
