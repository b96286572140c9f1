// Where files come from.

/** One file: an address, a path (Node), or its content. Strings with a scheme are addresses; other
 * strings are paths in Node and addresses relative to the page in browsers. */
export type FileSource = string | URL | Blob | Uint8Array | ArrayBuffer;

/** A Hugging Face folder: an address, a path (Node), or its files by name. */
export type FolderSource = string | URL | Readonly<Record<string, FileSource>> | readonly File[];

/** How files are requested, also the rest of one that broke off (docs/datasets.md of the repository). */
export interface FetchOptions {
  headers?: Readonly<Record<string, string>> | undefined;
  credentials?: RequestCredentials | undefined;
  /** Replaces the platform's fetch. */
  fetch?: ((input: string, init?: RequestInit) => Promise<Response>) | undefined;
}
