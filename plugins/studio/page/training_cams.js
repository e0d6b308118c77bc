import { classColours } from "./colours.js";
import { getJson } from "./data.js";
import { fill, h } from "./dom.js";
import { imageRow, legend } from "./thumbnails.js";

/** What the steps are of whose CAMs are shown. */
function words({ stage, output, steps }) {
  const [first, newest] = steps;
  const shown = newest === undefined
    ? `after step ${first}`
    : `after steps ${first}, the first that were stored, and ${newest}, the newest`;
  return `${output} of ${stage} while it trains, ${shown}.`;
}

async function rowsOf(place, { images, steps, classes }, signal) {
  const split = { sources: steps.map((step) => ({ stage: `step ${step}`, kind: "cams" })) };
  const rows = [];
  for (const { index } of images) {
    const sources = [...steps.keys()];
    rows.push(await imageRow(place, index, split, { classes, sources }, signal));
  }
  return [legend(classes, classColours(classes.length)), rows];
}

/** CAMs of a few images that trainings of a run store while they go on; drawn anew when there are newer ones. */
export class TrainingCams {
  #drawn = "[]";

  /**
   * @param {string} id of the run
   * @param node to fill
   */
  constructor(id, node) {
    Object.assign(this, { id, node });
  }

  /** Looks for newer ones. @returns whether there are any */
  async look(signal) {
    const trainings = await getJson(`runs/${this.id}/trainings.json`, signal);
    const drawn = JSON.stringify(trainings);
    if (drawn === this.#drawn) return trainings.length > 0;
    const parts = [];
    for (const [number, training] of trainings.entries()) {
      const place = `runs/${this.id}/trainings/${number}`;
      parts.push(
        h("p", { class: "hint" }, words(training)),
        await rowsOf(place, training, signal),
      );
    }
    fill(this.node, parts);
    this.#drawn = drawn;
    return trainings.length > 0;
  }
}
