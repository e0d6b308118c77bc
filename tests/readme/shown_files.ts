/**
 * Finds the files that a Markdown document shows: blocks of code that say `file=NAME` behind their language.
 *
 * @param text of the document
 * @returns contents by name, in order
 */
export function shownFiles(text: string): ReadonlyMap<string, string> {
  const blocks = text.matchAll(/^```\w+ file=(\S+)\n(.*?)^```$/gms);
  return new Map([...blocks].map(([, name, content]) => [name!, content!]));
}
