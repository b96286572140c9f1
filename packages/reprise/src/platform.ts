// Where this code runs, and Node's own modules without naming them to bundlers.

/** True in Node, in its main thread and its worker threads. */
export function isNode(): boolean {
  return typeof process === 'object' && typeof process.versions?.node === 'string';
}

interface NodeModules {
  crypto: typeof import('node:crypto');
  'fs/promises': typeof import('node:fs/promises');
  os: typeof import('node:os');
  path: typeof import('node:path');
  url: typeof import('node:url');
  worker_threads: typeof import('node:worker_threads');
}

/** One of Node's modules; only in Node. The name is put together so that bundlers for browsers
 * neither look for it nor warn. */
export async function nodeModule<Name extends keyof NodeModules>(
  name: Name,
): Promise<NodeModules[Name]> {
  return (await import(/* @vite-ignore */ /* webpackIgnore: true */ `node:${name}`)) as
    NodeModules[Name];
}
