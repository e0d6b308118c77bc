// Types of @std/cli's parseArgs (the npm republication strips them), as far as this project uses it.
export interface ParseOptions {
  boolean?: readonly string[];
  string?: readonly string[];
  collect?: readonly string[];
  negatable?: readonly string[];
  alias?: Record<string, string>;
  default?: Record<string, unknown>;
  stopEarly?: boolean;
  "--"?: boolean;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}
export interface Args {
  _: Array<string | number>;
  [key: string]: unknown;
}
export function parseArgs(args: readonly string[], options?: ParseOptions): Args;
