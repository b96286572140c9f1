// What only the host knows of a run, for its record.
import { isNode } from '../platform.js';
import type { RunFacts } from '../protocol.js';
import type { Runtime } from '../runtime.js';
import type { Verification } from '../types/model.js';

/** Where a model came from, as a record tells it. */
export interface ModelOrigin {
  /** Path or address of its folder. */
  readonly folder: string | null;
  /** Hash of its weights; null where they were not hashed. */
  readonly weights: string | null;
}

/** The facts of a run on this runtime. */
export function factsOf(
  { machine }: Runtime, { folder, weights }: ModelOrigin, { status, notVerified }: Verification,
): RunFacts {
  const { memory: _, ...capabilities } = machine;
  return {
    folder, weights, verification: status, ...(notVerified === undefined ? {} : { notVerified }), capabilities,
  };
}

/** A path, or what an address has for one, as it would be written as a name. */
export function placeOf(folder: unknown): string | null {
  if (typeof folder !== 'string' && !(folder instanceof URL)) return null;
  if (typeof folder === 'string' && isNode() && !/^[a-z][a-z0-9+.-]+:/i.test(folder)) return folder;
  const path = String(folder).replace(/[?#].*$/, '');
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
