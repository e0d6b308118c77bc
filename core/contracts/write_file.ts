/**
 * Writes a file whole or not at all: its path, and bytes, or text as UTF-8. Throws an error that names the file where it cannot be
 * written.
 */
export type WriteFile = (path: string, content: Uint8Array | string) => Promise<void>;
