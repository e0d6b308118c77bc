import { digits } from "../measure/digits.ts";
import { wrap } from "./markdown.ts";
import type { MadeWith } from "./results.ts";

/**
 * The line under a heading: what results were made with.
 *
 * @param made hardware, versions, load
 * @param measured which time, where that is not by the clock
 * @returns Markdown
 */
export function madeOn(made: MadeWith, measured?: string): string {
  const parts = [
    made.device,
    made.processor !== undefined && `${made.cores} cores of ${made.processor}`,
    made.deno !== undefined && `Deno ${made.deno}`,
    made.tfjs !== undefined && `tfjs ${made.tfjs}`,
    made.commit !== undefined && made.commit !== "unknown" && `commit ${made.commit.slice(0, 7)}`,
    made.started?.slice(0, 10),
    // By the clock is what the page says of all.
    measured === "processor time" && `measured: ${measured}`,
    made.load === undefined && "RECORDED BEFORE OTHER LOAD WAS WATCHED",
    made.load?.busy && `OTHER PROGRAMS TOOK ${digits(100 * made.load.othersShare)} % OF THE CORES`,
  ];
  return wrap(`_${parts.filter((part) => part).join("; ")}_`);
}
