/**
 * ReCAM (Chen, Wang, Wu, Hua, Zhang & Sun, "Class Re-Activation Maps for Weakly-Supervised Semantic Segmentation", CVPR 2022).
 *
 * @module
 */
import { recamHead } from "./head.ts";
import { recamLoss } from "./loss.ts";

/** What the method consists of. */
export const recamPlugins = [recamHead, recamLoss] as const;
