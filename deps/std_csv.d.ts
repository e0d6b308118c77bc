// Types of @std/csv's parse (the npm republication strips them), as far as this project uses it.
export interface ParseOptions {
  separator?: string;
  comment?: string;
  trimLeadingSpace?: boolean;
  lazyQuotes?: boolean;
  fieldsPerRecord?: number;
}
export function parse(input: string, options?: ParseOptions): string[][];
