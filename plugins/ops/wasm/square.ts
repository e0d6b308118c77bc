import { type Code, f32x4 } from "./instructions.ts";
import type { Local } from "./module.ts";

/**
 * Transposes a 4 x 4 square in registers.
 *
 * @param rows of the square
 * @param mixed four registers for parts
 * @param use gets each row of the transpose, from the first
 * @returns the code
 */
export function turnSquare(
  rows: readonly Local[],
  mixed: readonly Local[],
  use: (turned: Code, row: number) => Code,
): Code[] {
  const [r0, r1, r2, r3] = rows as [Local, Local, Local, Local];
  const [lowA, highA, lowB, highB] = mixed as [Local, Local, Local, Local];
  return [
    lowA.set(f32x4.shuffle(r0.get, r1.get, [0, 4, 1, 5])),
    highA.set(f32x4.shuffle(r0.get, r1.get, [2, 6, 3, 7])),
    lowB.set(f32x4.shuffle(r2.get, r3.get, [0, 4, 1, 5])),
    highB.set(f32x4.shuffle(r2.get, r3.get, [2, 6, 3, 7])),
    use(f32x4.shuffle(lowA.get, lowB.get, [0, 1, 4, 5]), 0),
    use(f32x4.shuffle(lowA.get, lowB.get, [2, 3, 6, 7]), 1),
    use(f32x4.shuffle(highA.get, highB.get, [0, 1, 4, 5]), 2),
    use(f32x4.shuffle(highA.get, highB.get, [2, 3, 6, 7]), 3),
  ];
}
