import { formatDuration } from "seamstress";
import { formatNumber } from "../format.ts";

/** What a stage has done so far. */
export interface Status {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  /** Unit of the progress count, such as `images`. */
  readonly unit: string;
  /** Samples per second. */
  readonly rate?: number;
  /** `loss` is the total. */
  readonly losses?: Readonly<Record<string, number>>;
  /** Estimated remaining seconds; absent where unknown. */
  readonly left?: number;
}

const WIDEST_BAR = 30;
const NARROWEST_BAR = 6;
const GAP = "  ";

function bar(fraction: number, width: number): string {
  const full = Math.round(Math.min(Math.max(fraction, 0), 1) * width);
  return "━".repeat(full) + "╌".repeat(width - full);
}

/**
 * Writes a stage's progress in one line. Where the line is too narrow, it omits first the single losses, then the rate, then
 * the bar.
 *
 * @param status the stage's progress
 * @param columns characters that fit
 * @returns at most that many characters
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { statusLine } from "./status_line.ts";
 * const status = { stage: "cams", done: 50, total: 200, unit: "images", left: 90 };
 * assertEquals(statusLine(status, 47), "cams  ━━╌╌╌╌╌   50/200 images  25%  1m 30s left");
 * assertEquals(statusLine(status, 20), "cams   50/200 image…");
 * ```
 */
export function statusLine(status: Status, columns: number): string {
  const { stage, done, total, unit, rate, left } = status;
  const fraction = total > 0 ? done / total : 0;
  const { loss, ...terms } = status.losses ?? {};
  const single = Object.entries(terms);
  // Padded, so that the bar keeps its position as the count gets more digits.
  const counted = `${String(done).padStart(String(total).length)}/${total} ${unit}`;
  const head = [counted, `${String(Math.floor(100 * fraction)).padStart(2)}%`];
  if (loss !== undefined) head.push(`loss ${formatNumber(loss)}`);
  const each = single.length < 2
    ? []
    : single.map(([name, value]) => `${name} ${formatNumber(value)}`);
  const speed = rate === undefined ? [] : [`${formatNumber(rate)} samples/s`];
  const remaining = left === undefined ? [] : [`${formatDuration(left)} left`];
  const candidates = [
    [...head, ...each, ...speed, ...remaining],
    [...head, ...speed, ...remaining],
    [...head, ...remaining],
  ];
  for (const tail of candidates) {
    const text = tail.join(GAP);
    const room = columns - stage.length - text.length - 2 * GAP.length;
    if (room >= NARROWEST_BAR) {
      return [stage, bar(fraction, Math.min(room, WIDEST_BAR)), text].join(GAP);
    }
  }
  const bare = [stage, ...candidates.at(-1)!].join(GAP);
  return bare.length <= columns ? bare : bare.slice(0, Math.max(columns - 1, 0)) + "…";
}
