// How Parquet files fail: with the file, the column and the row or byte, what was expected and found.
import { type ErrorFields, RepriseError, repriseError } from '../../errors.js';

/** What an error is about. */
export interface Place {
  readonly file: string;
  readonly column?: string;
  readonly row?: number;
  /** In the file. */
  readonly byte?: number;
}

function failure(
  code: 'invalid_data' | 'unsupported', place: Place, expected: string, found: string,
): RepriseError {
  const { file, column, row, byte } = place;
  const where = [
    file, column === undefined ? '' : `column ${column}`, row === undefined ? '' : `row ${row}`,
    byte === undefined ? '' : `byte ${byte}`,
  ].filter((part) => part !== '').join(', ');
  const fields: ErrorFields = { ...place, expected, found };
  return repriseError(code, `${where}: expected ${expected}, found ${found}.`, fields);
}

/** The error of a file that contradicts the format or itself. */
export const badData = (place: Place, expected: string, found: string): RepriseError =>
  failure('invalid_data', place, expected, found);

/** The error of what is well formed and cannot be read. */
export const unsupported = (place: Place, expected: string, found: string): RepriseError =>
  failure('unsupported', place, expected, found);

/** Decodes; whatever a decoder throws at bytes that it does not understand becomes `invalid_data`. */
export function decoding<T>(place: Place, expected: string, decode: () => T): T {
  try {
    return decode();
  } catch (thrown) {
    if (thrown instanceof RepriseError) throw thrown;
    const words = thrown instanceof Error ? thrown.message : String(thrown);
    throw badData(place, expected, `bytes that do not decode (${words})`);
  }
}

/** A value that its field cannot hold. It travels in the value's place until its row is known. */
export class Unfit {
  readonly expected: string;
  readonly found: string;

  constructor(expected: string, found: string) {
    this.expected = expected;
    this.found = found;
  }
}
