// Writes rows as files: JSON Lines and CSV here, Parquet by its own module.
import type { DatasetSchema, Field, Row, Value } from '../types/dataset.js';
import { isList } from './columns.js';
import { base64, linePieces, valueJson, written } from './row-json.js';

/** A row as a line of JSON, members in the order of the fields. */
function jsonLine(schema: DatasetSchema, row: Row): string {
  return `{${schema.fields.map((field) =>
    `${JSON.stringify(field.name)}:${valueJson(written(row[field.name], field), field.name)}`)
    .join(',')}}`;
}

/** A value as a field of CSV: absent ones empty, empty strings in quotes where they could be absent. */
function csvField(field: Field, value: Value | undefined): string {
  if (value === null || value === undefined) return '';
  const one = written(value, field);
  const text = isList(field) ? valueJson(one, field.name)
    : one instanceof Uint8Array ? base64(one)
    : Object.is(one, -0) ? '-0' : String(one);
  if (text === '') return field.optional === true ? '""' : '';
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvLine(fields: readonly string[]): string {
  // A line without a byte would be no row where there is one column.
  return fields.length === 1 && fields[0] === '' ? '""' : fields.join(',');
}

/** The text of a file, in pieces. */
export function textOf(
  format: 'jsonl' | 'csv', schema: DatasetSchema, rows: AsyncIterable<Row>,
): AsyncGenerator<Uint8Array> {
  const quoted = (name: string) =>
    (/[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
  async function* lines(): AsyncGenerator<string> {
    if (format === 'csv') yield csvLine(schema.fields.map(({ name }) => quoted(name)));
    for await (const row of rows) {
      yield format === 'jsonl' ? jsonLine(schema, row)
        : csvLine(schema.fields.map((field) => csvField(field, row[field.name])));
    }
  }
  return linePieces(lines());
}

/** The bytes of a Parquet file, in pieces. */
export async function* parquetOf(
  schema: DatasetSchema, rows: AsyncIterable<Row>,
): AsyncGenerator<Uint8Array> {
  const { writeParquet } = await import('./parquet.js');
  yield* writeParquet(schema, groupsOf(rows));
}

/** Rows of one group of a Parquet file. */
const groupRows = 50_000;

async function* groupsOf(rows: AsyncIterable<Row>): AsyncGenerator<readonly Row[]> {
  let group: Row[] = [];
  for await (const row of rows) {
    if (group.push(row) < groupRows) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
