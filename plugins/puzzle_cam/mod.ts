/**
 * Puzzle-CAM (Jo & Yu, "Puzzle-CAM: Improved Localization via Matching Partial and Full Features", ICIP 2021, arXiv 2101.11253).
 *
 * @module
 */
import { puzzleCamHead } from "./head.ts";
import { puzzleCamLoss } from "./loss.ts";
import { puzzleCamMethod } from "./method.ts";

/** What the method consists of. */
export const puzzleCamPlugins = [puzzleCamHead, puzzleCamMethod, puzzleCamLoss] as const;
