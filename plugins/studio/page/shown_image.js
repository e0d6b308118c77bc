import { getFacts, getMap, getPhoto, getTruth, resample } from "./maps.js";
import { confusionOf, imageMiou } from "./scores.js";

/** What the page knows of the image that it shows. */
export class ShownImage {
  maps = new Map();

  constructor(place, index, facts, photo, truth) {
    Object.assign(this, { place, index, facts, photo, truth });
  }

  static async read(place, index, signal) {
    const facts = await getFacts(place, index, signal);
    const photo = await getPhoto(place, index, signal);
    const truth = facts.truth ? await getTruth(place, index, signal) : undefined;
    return new ShownImage(place, index, facts, photo, truth);
  }

  /** A stage's map, where there is one. */
  async map(source, signal) {
    const facts = this.facts.maps.find((map) => map.source === source && !map.fault);
    if (!facts) return undefined;
    if (!this.maps.has(source)) {
      this.maps.set(source, await getMap(this.place, this.index, facts, signal));
    }
    return this.maps.get(source);
  }

  /** mIoU of a mask in the size of a map. */
  miou(map, mask, classes) {
    if (!this.truth) return undefined;
    return imageMiou(confusionOf(resample(this.truth.mask, this.truth, map), mask, classes));
  }
}
