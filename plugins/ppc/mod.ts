/**
 * PPC: pixel-to-prototype contrast on SEAM (Du, Fu, Liu & Wang, CVPR 2022).
 *
 * @module
 */
import type { Plugin } from "seamstress";
import { ppcHead } from "./head.ts";
import { ppcLoss } from "./loss.ts";

/** What PPC adds to SEAM. */
export const ppcPlugins = [ppcHead, ppcLoss] as const satisfies readonly Plugin[];
