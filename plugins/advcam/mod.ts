/**
 * AdvCAM (Lee, Kim & Yoon, CVPR 2021): images that are climbed up the score of their own class, and the CAMs on the way.
 *
 * @module
 */
import { advcamStage } from "./stage.ts";

/** Every plugin of AdvCAM. */
export const advcamPlugins = [advcamStage] as const;
