// Reading datasets: bytes go into the core piece by piece, rows come out in columns.
import { asRepriseError, messageFromError } from '../errors.js';
import type { Calls } from '../protocol.js';
import type { Core } from './core.js';

/** Gives bytes to a reader or a sample, or ends its file; what the core says of it then. */
export function pushDataset(core: Core, handle: number, bytes: Uint8Array | undefined): number {
  return bytes === undefined
    ? core.call('dataset_finish', handle) : core.call('dataset_push', handle, bytes);
}

/** Gives bytes to a reader and takes the rows that have ended. */
export function readDataset(
  core: Core, { reader, bytes }: Calls['datasetRead']['args'],
): Calls['datasetRead']['value'] {
  let failed: ReturnType<typeof messageFromError> | undefined;
  try {
    pushDataset(core, reader, bytes);
  } catch (thrown) {
    const error = asRepriseError(thrown);
    // Rows before a bad one are good.
    if (error.code !== 'invalid_data') throw error;
    failed = messageFromError(error);
  }
  core.call('dataset_take', reader);
  const batch = core.result();
  return failed === undefined ? { batch } : { batch, error: failed };
}
