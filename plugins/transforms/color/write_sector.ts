/**
 * Writes the RGB of a colour of one sixth of the hue circle: which channel holds the value, which the lowest level, and which is
 * on its way between the two (Foley and van Dam's HSV hexcone, as Pillow and OpenCV compute it).
 *
 * @param out RGB interleaved
 * @param at index of the pixel's red
 * @param sector 0 red → yellow, 1 → green, 2 → cyan, 3 → blue, 4 → magenta, 5 → red
 * @param value highest level
 * @param low lowest level
 * @param rising level of the channel that rises within an even sector
 * @param falling level of the channel that falls within an odd sector
 */
export function writeSector(
  out: Uint8Array,
  at: number,
  sector: number,
  value: number,
  low: number,
  rising: number,
  falling: number,
): void {
  let red = value, green = value, blue = value;
  switch (sector) {
    case 0:
      green = rising;
      blue = low;
      break;
    case 1:
      red = falling;
      blue = low;
      break;
    case 2:
      red = low;
      blue = rising;
      break;
    case 3:
      red = low;
      green = falling;
      break;
    case 4:
      red = rising;
      green = low;
      break;
    default:
      green = low;
      blue = falling;
  }
  out[at] = red;
  out[at + 1] = green;
  out[at + 2] = blue;
}
