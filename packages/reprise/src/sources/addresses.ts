// Telling addresses from paths, and making addresses whole.
import { refuse } from '../options.js';
import { isNode, nodeModule } from '../platform.js';

/** Whether a string begins with a scheme; one letter is a drive. */
export function hasScheme(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(text);
}

/** The whole address of an address or path. Errors: `invalid_argument`, with the argument that it is,
 * where it cannot be one. */
export async function absoluteUrl(source: string | URL, argument: string): Promise<string> {
  try {
    if (source instanceof URL) return source.href;
    if (hasScheme(source)) return new URL(source).href;
    if (!isNode()) return new URL(source, baseOfPage()).href;
    const { pathToFileURL } = await nodeModule('url');
    return pathToFileURL(source).href;
  } catch {
    throw refuse(argument, 'an address or a path', source);
  }
}

function baseOfPage(): string {
  return globalThis.document?.baseURI ?? globalThis.location.href;
}

/** The address of a file in the folder at an address; what follows a `?` is kept. */
export function inFolder(folder: string, name: string): string {
  const url = new URL(folder);
  // Written so that no name, such as %2e%2e, is read as anything else.
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${encodeURIComponent(name)}`;
  return url.href;
}
