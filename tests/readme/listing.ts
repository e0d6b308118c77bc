/**
 * Reads the folder listing of the README's section "Folders": a name a line, or several with one space between, then at least
 * two spaces and what it is; what stands in a folder is indented by two.
 *
 * @param text of the document
 * @returns what stands in the repository's root and, for each, what the listing has in it; folders end with `/`
 */
export function listing(text: string): Map<string, string[]> {
  const block = text.match(/^## Folders\n\n```\n(.*?)^```$/ms)?.[1];
  if (block === undefined) throw new Error("Cannot find the listing of section Folders");
  const found = new Map<string, string[]>();
  let folder: string[] = [];
  for (const line of block.trimEnd().split("\n")) {
    const names = line.trimStart().split(/ {2,}/)[0]!.split(" ");
    if (line.startsWith("  ")) folder.push(...names);
    else for (const name of names) found.set(name, folder = []);
  }
  return found;
}
