// Rows as lines of JSON: how rows of JavaScript come to the core, and how they are written.
import { repriseError } from '../errors.js';
import type { Piece } from '../sources/files.js';
import type { DatasetSchema, Field } from '../types/dataset.js';
import { typeOf } from './columns.js';

/** A value as JSON that loses nothing: bigints as integers, numbers that are not finite as strings,
 * bytes as base64, dates as ISO 8601. Errors: `invalid_argument` for what has no JSON. */
export function valueJson(value: unknown, place: string): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
      return `"${value}"`;
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'null';
    case 'object':
      return objectJson(value, place);
    default:
      throw repriseError('invalid_argument', `${place} must be a value that a dataset has, found a ` +
        `${typeof value}.`, { argument: place, found: typeof value });
  }
}

function objectJson(value: object | null, place: string): string {
  if (value === null) return 'null';
  if (value instanceof Date) return JSON.stringify(value);
  if (value instanceof Uint8Array) return `"${base64(value)}"`;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const list = value as unknown as ArrayLike<unknown>;
    return `[${Array.from(list, (each, i) => valueJson(each, `${place}[${i}]`)).join(',')}]`;
  }
  return `{${Object.entries(value).filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${JSON.stringify(name)}:${valueJson(member, `${place}.${name}`)}`)
    .join(',')}}`;
}

/** One row as JSON. `place` names it in errors. */
export function rowJson(row: unknown, place: string): string {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    throw repriseError('invalid_argument', `${place} must be an object of values by field name.`,
      { argument: place });
  }
  return objectJson(row, place);
}

export function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(binary);
}

/** A schema of the same rows where they lie flat, by the names of the fields. */
export function flatSchema(schema: DatasetSchema): DatasetSchema {
  const fields = schema.fields.map((field): Field => {
    const { path: _, ...rest } = field;
    return { ...rest, path: [field.name] };
  });
  return { ...schema, fields };
}

/** The text of a timestamp in microseconds, as ISO 8601 in UTC. */
export function timestampText(microseconds: bigint): string {
  // Dates of JavaScript hold milliseconds.
  const fraction = ((microseconds % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = (microseconds - fraction) / 1_000_000n;
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const digits = fraction === 0n ? '' : `.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`;
  return `${text}${digits}Z`;
}

/** A row's value as it is written in a file: timestamps as ISO 8601, everything else as it is. */
export function written(value: unknown, field: Field): unknown {
  if (typeOf(field) !== 'timestamp') return value;
  const text = (one: unknown) => (typeof one === 'bigint' ? timestampText(one) : one);
  return Array.isArray(value) ? value.map(text) : text(value);
}

/** Lines of text become pieces of about so many UTF-16 units. */
const pieceUnits = 1 << 18;

/** Lines as the pieces of a file, each with its end. */
export async function* linePieces(all: AsyncIterable<string>): AsyncGenerator<Piece> {
  const encoder = new TextEncoder();
  let lines: string[] = [];
  let units = 0;
  for await (const line of all) {
    lines.push(line);
    units += line.length;
    if (units < pieceUnits) continue;
    yield encoder.encode(`${lines.join('\n')}\n`);
    lines = [];
    units = 0;
  }
  if (lines.length > 0) yield encoder.encode(`${lines.join('\n')}\n`);
}
