// Writes rows as files: JSON Lines and CSV here, Parquet by its own module. All formats have the fields
// where the schema's paths lead, so that it reads what is written.
import type { DatasetSchema, Field, Row, Value } from '../types/dataset.js';
import { defaultDelimiter } from './defaults.js';
import { isList, type PathNode, pathOf, pathTree, refusedPlaces, typeOf } from './fields.js';
import { base64, linePieces, valueJson } from './row-json.js';
import { timestampText } from './timestamp-text.js';

/** Batches of rows, by the names of the fields, none of them empty. */
export type RowBatches = AsyncIterable<readonly Row[]>;

/** A row's value as it is written in a file: timestamps as ISO 8601, everything else as it is. */
function written(value: Value | undefined, field: Field): Value | undefined {
  if (typeOf(field) !== 'timestamp') return value;
  const text = (one: Value | undefined) => (typeof one === 'bigint' ? timestampText(one) : one);
  return Array.isArray(value) ? value.map(text) as readonly Value[] : text(value);
}

/** Rows as lines of JSON, each value where its field's path leads. Errors: those of `pathTree`. */
export function jsonLines(schema: DatasetSchema): (row: Row) => string {
  const object = (members: readonly PathNode[]): ((row: Row) => string) => {
    const writers = members.map(({ name, field, members: inner }) => {
      const nested = object(inner);
      const key = JSON.stringify(name);
      return field === undefined ? (row: Row) => `${key}:${nested(row)}`
        : (row: Row) => `${key}:${valueJson(written(row[field.name], field))}`;
    });
    return (row) => `{${writers.map((write) => write(row)).join(',')}}`;
  };
  return object(pathTree(schema));
}

/** A value as a field of CSV: absent ones empty, empty texts in quotes where they could be absent. */
function csvField(field: Field, value: Value | undefined): string {
  if (value === null || value === undefined) return '';
  const one = written(value, field) as Value;
  const text = isList(field) ? valueJson(one)
    : one instanceof Uint8Array ? base64(one)
    : Object.is(one, -0) ? '-0' : String(one);
  if (text === '') return field.optional === true ? '""' : '';
  return inQuotes(text);
}

const inQuotes = (text: string): string =>
  // A byte order mark at the file's beginning would be none of the text; what could delimit fields is in
  // quotes, so that a reader who guesses is right.
  (/[",;|\t\r\n]|^\ufeff/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The names of the columns. Errors: `invalid_argument` where two are the same. */
function csvHeader({ fields }: DatasetSchema, delimiter: string): string {
  const names = fields.map((field) => pathOf(field).join('.'));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    const same = fields.filter((_, i) => names[i] === twice).map(({ name }) => JSON.stringify(name));
    throw refusedPlaces(`${same.join(' and ')} in one column, ${JSON.stringify(twice)}`);
  }
  return names.map(inQuotes).join(delimiter);
}

/** The text of a file, in pieces. */
export function textOf(
  format: 'jsonl' | 'csv', schema: DatasetSchema, batches: RowBatches,
): AsyncGenerator<Uint8Array> {
  async function* lines(): AsyncGenerator<string> {
    // As the schema says that such files are read.
    const { fields, delimiter = defaultDelimiter } = schema;
    if (format === 'csv') yield csvHeader(schema, delimiter);
    const line = format === 'jsonl' ? jsonLines(schema)
      : (row: Row) => fields.map((field) => csvField(field, row[field.name])).join(delimiter);
    // All at once, which is faster than one by one.
    for await (const batch of batches) yield batch.map(line).join('\n');
  }
  return linePieces(lines());
}

/** The bytes of a Parquet file, in pieces. */
export async function* parquetOf(
  schema: DatasetSchema, batches: RowBatches,
): AsyncGenerator<Uint8Array> {
  const { writeParquet } = await import('./parquet.js');
  yield* writeParquet(schema, batches);
}
