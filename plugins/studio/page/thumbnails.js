import { h } from "./dom.js";
import { canvasOf, getFacts, getMap, getPhoto, getTruth, paintHeat, paintMask } from "./maps.js";

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
 * @param options `{classes, sources}`: class names, numbers of sources
 */
export async function imageRow(place, index, split, { classes, sources }, signal) {
  const facts = await getFacts(place, index, signal);
  const photo = await getPhoto(place, index, signal);
  const pictures = [figure(canvasOf(photo, `photograph ${facts.name}`), "image")];
  if (facts.truth) {
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
    const { stage, kind } = split.sources[number];
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

/** Colours with their names: of the classes, unless told otherwise. */
export function legend(names, colours, label = "Colours of the classes") {
  const swatch = ([r, g, b]) => {
    const box = h("i");
    box.style.background = `rgb(${r} ${g} ${b})`;
    return box;
  };
  return h(
    "ul",
    { class: "legend", "aria-label": label },
    names.map((name, i) => h("li", {}, swatch(colours[i]), name)),
  );
}
