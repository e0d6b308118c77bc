/** A link of a Markdown document to a file, or to a heading. */
export interface Link {
  /** As it is written, without the heading. */
  readonly file: string;
  /** The heading's anchor, where there is one. */
  readonly anchor?: string;
}

/** A document without its blocks of code, whose brackets are no links and whose `#` are no headings. */
function prose(text: string): string {
  return text.replaceAll(/^( *)```.*?^\1```$/gms, "");
}

/**
 * Finds the links of a Markdown document that do not lead to other sites, pictures among them.
 *
 * @param text of the document
 * @returns in order
 */
export function linksOf(text: string): readonly Link[] {
  return [...prose(text).matchAll(/\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]*))?\)/g)]
    .map(([, file, anchor]) => ({ file: file!, ...anchor !== undefined && { anchor } }));
}

/**
 * Finds the anchors of a Markdown document's headings, as sites that show Markdown make them: small letters, spaces as `-`, other signs
 * left out.
 *
 * @param text of the document
 * @returns the anchors
 */
export function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...prose(text).matchAll(/^#+ (.+)$/gm)];
  return new Set(
    headings.map(([, heading]) =>
      heading!.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
    ),
  );
}
