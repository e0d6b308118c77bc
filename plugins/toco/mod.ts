import { ctcLoss } from "./ctc.ts";
import { tocoHead } from "./head.ts";
import { tocoMethod } from "./method.ts";
import { ptcLoss } from "./ptc.ts";

/** ToCo (Ru et al., CVPR 2023): head, method, and its two contrasts. */
export const tocoPlugins = [tocoHead, tocoMethod, ptcLoss, ctcLoss] as const;
