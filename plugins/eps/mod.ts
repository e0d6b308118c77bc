/**
 * EPS: explicit pseudo-pixel supervision (Lee, Lee, Lee & Shim, "Railroad is not a Train: Saliency as Pseudo-pixel Supervision for Weakly
 * Supervised Semantic Segmentation", CVPR 2021, arXiv 2105.08965).
 *
 * @module
 */
import { epsHead } from "./head.ts";
import { epsLoss } from "./loss.ts";
import { epsMethod } from "./method.ts";

/** What the method consists of. */
export const epsPlugins = [epsHead, epsMethod, epsLoss] as const;
