/** What is looked at in every page: expressions for the browser to evaluate. */

/** Pixels by which the page is wider than the window. */
export const OVERFLOW =
  "document.documentElement.scrollWidth - document.documentElement.clientWidth";

/**
 * Texts whose contrast to what is behind them is below WCAG's 4.5 (3 for large ones), and controls without a name. Pictures behind texts
 * are not looked at: there are none.
 */
export const FAULTS = `(() => {
  const rgba = (text) => {
    const canvas = rgba.canvas ??= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const over = (top, under) => top.slice(0, 3).map((value, i) => value * top[3] / 255 + under[i] * (1 - top[3] / 255));
  const behind = (element) => {
    const colour = element ? rgba(getComputedStyle(element).backgroundColor) : [255, 255, 255, 255];
    return colour[3] === 255 || !element ? colour.slice(0, 3) : over(colour, behind(element.parentElement));
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((value) => value / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faults = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement, text = node.textContent.trim();
    if (text === "" || !element.checkVisibility() || element.closest("option, .visually-hidden, .skip, [disabled], [aria-disabled=true]")) continue;
    const style = getComputedStyle(element), under = behind(element);
    const [a, b] = [light(over(rgba(style.color), under)), light(under)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05), size = parseFloat(style.fontSize);
    const large = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700;
    if (ratio < (large ? 3 : 4.5)) faults.push(text.slice(0, 30) + ": contrast " + ratio.toFixed(2));
  }
  for (const control of document.querySelectorAll("button, input, select, a[href]")) {
    const named = control.getAttribute("aria-label") || control.textContent.trim() || control.labels?.[0]?.textContent;
    if (!named) faults.push(control.outerHTML.slice(0, 80) + " has no name");
  }
  return faults;
})()`;

/** Elements that a name with markup would have made. */
export const INJECTED =
  `document.querySelectorAll("img, iframe, object, script:not([src])").length + (globalThis.injected ?? 0)`;
