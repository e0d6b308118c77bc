// Types of @std/yaml (the npm republication strips them), as far as this project uses it.
export interface ParseOptions {
  allowDuplicateKeys?: boolean;
  schema?: "failsafe" | "json" | "core" | "default" | "extended";
  onWarning?: (error: Error) => void;
}
export function parse(content: string, options?: ParseOptions): unknown;
export interface StringifyOptions {
  indent?: number;
  lineWidth?: number;
  flowLevel?: number;
  sortKeys?: boolean | ((a: string, b: string) => number);
  skipInvalid?: boolean;
  useAnchors?: boolean;
}
export function stringify(data: unknown, options?: StringifyOptions): string;
