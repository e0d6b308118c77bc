/** Colours of lines, by number: custom properties of the style sheet, so that they fit light and dark. */
export function lineColour(number) {
  return css(`--s${number % 6}`);
}

/** A custom property of the style sheet. */
export function css(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Dashes beside colours: lines are told apart without them. */
export const DASHES = [[], [9, 4], [3, 3], [12, 3, 3, 3], [6, 2], [2, 5]];

const HEAT = [[26, 20, 80], [38, 110, 190], [60, 190, 140], [240, 200, 60], [225, 45, 30]];

/** Heat-map colour of a value 0..1, as in the report. */
export function heat(value) {
  const at = Math.min(Math.max(value, 0), 1) * (HEAT.length - 1);
  const below = Math.min(Math.floor(at), HEAT.length - 2);
  return [0, 1, 2].map((c) =>
    HEAT[below][c] + (HEAT[below + 1][c] - HEAT[below][c]) * (at - below)
  );
}

/** Colours of classes, as in the report: hues evenly around the circle, with more than nine lightness too. */
export function classColours(count) {
  return Array.from({ length: count }, (_, c) => {
    const hue = 360 * c / count;
    const lightness = count <= 9 ? 0.54 : [0.54, 0.7, 0.4][c % 3];
    const chroma = (1 - Math.abs(2 * lightness - 1)) * 0.82;
    return [0, 8, 4].map((shift) => {
      const k = (shift + hue / 30) % 12;
      return Math.round(255 * (lightness - chroma / 2 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
    });
  });
}
