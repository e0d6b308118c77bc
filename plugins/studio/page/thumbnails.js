import { fill, h } from "./dom.js";
import {
  canvasOf,
  getFacts,
  getMap,
  getPhoto,
  getTruth,
  paintHeat,
  paintMask,
  pseudoMask,
} from "./maps.js";

/** Threshold where no evaluation used one: the SEAM authors' default. */
export const USUAL_ALPHA = 0.26;

/** A picture with a caption. */
export function figure(canvas, ...caption) {
  return h(
    "figure",
    { class: "thumb" },
    canvas ?? h("div", { class: "missing" }, "none"),
    h("figcaption", {}, ...caption),
  );
}

/** What a stage made of an image: CAMs as heat, masks as colours. */
export function paintMap(photo, map, classes) {
  return map.cams ? paintHeat(photo, map) : paintMask(photo, map, map.mask, classes);
}

/**
 * One image and what stages made of it, in a row.
 *
 * @param place of the split
 * @param {number} index of the image
 * @param split as `splits.json` has it
 * @param options `{classes, sources, masks, truth}`: class names, numbers of sources, whether CAMs' pseudo masks and the truth show too
 */
export async function imageRow(
  place,
  index,
  split,
  { classes, sources, masks, truth: withTruth },
  signal,
) {
  const facts = await getFacts(place, index, signal);
  const photo = await getPhoto(place, index, signal);
  const pictures = [figure(canvasOf(photo, `photograph ${facts.name}`), "image")];
  if (withTruth && facts.truth) {
    const truth = await getTruth(place, index, signal);
    pictures.push(
      figure(
        canvasOf(paintMask(photo, truth, truth.mask, classes.length), `truth of ${facts.name}`),
        "truth",
      ),
    );
  }
  for (const number of sources) {
    const found = facts.maps.find(({ source }) => source === number);
    const { stage, kind, alpha = USUAL_ALPHA } = split.sources[number];
    if (!found || found.fault) {
      pictures.push(figure(undefined, stage));
      continue;
    }
    const map = await getMap(place, index, found, signal);
    pictures.push(
      figure(
        canvasOf(paintMap(photo, map, classes.length), `${kind} of ${stage}, ${facts.name}`),
        stage,
      ),
    );
    if (masks && map.cams) {
      const mask = paintMask(photo, map, pseudoMask(map, alpha), classes.length);
      pictures.push(
        figure(canvasOf(mask, `mask of ${stage}, ${facts.name}`), `${stage}, alpha ${alpha}`),
      );
    }
  }
  const words = facts.classes.map((c) => classes[c] ?? c).join(", ") || "no class";
  return h(
    "div",
    { class: "strip" },
    h("h3", {}, facts.name, h("span", {}, words)),
    h("div", { class: "pictures" }, pictures),
  );
}

/** Some of a list, spread evenly. */
export function spreadOver(list, count) {
  const wanted = Math.min(count, list.length);
  return Array.from({ length: wanted }, (_, i) => list[Math.floor(i * list.length / wanted)]);
}

/** Colours of the classes, with their names. */
export function legend(classes, colours) {
  const swatch = ([r, g, b]) => {
    const box = h("i");
    box.style.background = `rgb(${r} ${g} ${b})`;
    return box;
  };
  const list = h("ul", { class: "legend", "aria-label": "Colours of the classes" });
  fill(list, classes.map((name, c) => h("li", {}, swatch(colours[c]), name)));
  return list;
}
