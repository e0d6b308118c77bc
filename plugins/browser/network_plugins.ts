import type { Plugin } from "../../core/registry/plugin.ts";
import { epsHead } from "../eps/head.ts";
import { irnHead } from "../irn/head.ts";
import { mctformerHead } from "../mctformer/head.ts";
import { networkParts } from "../networks.ts";
import { ops } from "../ops/list.ts";
import { ppcHead } from "../ppc/head.ts";
import { puzzleCamHead } from "../puzzle_cam/head.ts";
import { recamHead } from "../recam/head.ts";
import { tocoHead } from "../toco/head.ts";

/** What a network that ships is made of, and what it is computed on: every backbone, head, backend and operation, and nothing else. */
export const networkPlugins: readonly Plugin[] = [
  ...networkParts,
  epsHead,
  irnHead,
  mctformerHead,
  ppcHead,
  puzzleCamHead,
  recamHead,
  tocoHead,
  ...ops,
];
