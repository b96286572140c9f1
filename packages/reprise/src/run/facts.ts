// What only the host knows of a run, for its record.
import type { RunFacts } from '../protocol.js';
import type { Runtime } from '../runtime.js';
import type { Verification } from '../types/model.js';

/** Where a model came from, as a record tells it. */
export interface ModelOrigin {
  /** Name of its folder, without its place. */
  readonly name: string | null;
  /** Hash of its weights; null where they were not hashed. */
  readonly weights: string | null;
}

/** The facts of a run on this runtime. */
export function factsOf(
  { machine }: Runtime, { name, weights }: ModelOrigin, { status, notVerified }: Verification,
): RunFacts {
  const { memory: _, ...capabilities } = machine;
  return {
    model: name, weights, verification: status, ...(notVerified === undefined ? {} : { notVerified }), capabilities,
  };
}

/** The last part of an address or path, where it can be a name. */
export function nameOfFolder(folder: unknown): string | null {
  if (typeof folder !== 'string' && !(folder instanceof URL)) return null;
  const path = String(folder).replace(/[?#].*$/, '').replace(/[/\\]+$/, '');
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return /^(?!\.{1,2}$)[^:\u0000-\u001f\u007f]{1,80}$/.test(name) ? name : null;
}
