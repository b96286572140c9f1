// Datasets of rows in memory, from dist/, where the package is that tests import as `reprise`.
import type { Dataset, DatasetCursor } from '../types/dataset.js';

const built = new URL('../../dist/dataset/index.js', import.meta.url).href;
const { SequenceDataset, rowsSequence } =
  await import(built) as typeof import('../dataset/index.js');

export { SequenceDataset };

/** A dataset of these rows, which are JSON or named. */
export function datasetOf<T>(rows: readonly T[], name?: string): Dataset<T> {
  const identity = name === undefined
    ? JSON.parse(JSON.stringify({ op: 'rows', rows })) as object : { op: 'rows', name };
  return new SequenceDataset({ sequence: rowsSequence(rows, identity as never) });
}

/** 0 … count − 1. */
export const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** A dataset of 0 … count − 1. */
export const counting = (count: number): Dataset<number> => datasetOf(numbers(count), `${count}`);

/** A cursor as it comes back from a file. */
export const stored = (cursor: DatasetCursor): DatasetCursor =>
  JSON.parse(JSON.stringify(cursor)) as DatasetCursor;
