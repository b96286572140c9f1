// Checkpoints: modules that are loaded at their first use.
import type { CheckpointStore, OpenCheckpointsOptions } from '../types/checkpoints.js';

/** Opens or makes a store of checkpoints: a folder's path in Node; in browsers a name in the origin's
 * private files, or the handle of a folder there. No other store can write to it until this one is
 * disposed of. Errors: `busy` where one does; `io`; `not_found` where there is nothing to read only;
 * `unsupported` in browsers without such files. */
export async function openCheckpoints(
  location: string | FileSystemDirectoryHandle, options?: OpenCheckpointsOptions,
): Promise<CheckpointStore> {
  return (await import('./store.js')).openCheckpoints(location, options);
}
