import { mctformerHead } from "./head.ts";

/** MCTformer (Xu et al., CVPR 2022): its head. It trains by method `classification-cam` and loss `classification` on two outputs. */
export const mctformerPlugins = [mctformerHead] as const;
