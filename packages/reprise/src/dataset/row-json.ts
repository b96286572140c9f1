// Rows of JavaScript as lines of JSON, which is how they come to the core: nothing is lost, and what a
// dataset cannot hold is refused.
import { repriseError } from '../errors.js';
import { inWords } from '../options.js';
import type { Piece } from '../sources/files.js';

/** What rows are called in errors in place of a file. */
export const rowsName = 'the rows';

/** As deep as the core reads JSON. */
const deepest = 256;

/** What no dataset holds. */
class NotData extends Error {
  readonly expected: string;
  readonly found: string;
  /** The members that lead to it. */
  path = '';

  constructor(expected: string, found: string) {
    super();
    this.expected = expected;
    this.found = found;
  }

  /** It lies in a member. */
  within(member: string): this {
    const rest = this.path === '' || this.path.startsWith('[') ? this.path : `.${this.path}`;
    this.path = `${member}${rest}`;
    return this;
  }
}

/** What `[object …]` says of an object: what it is whatever made it. */
const tagOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1);

export function isDate(value: unknown): value is Date {
  return typeof value === 'object' && value !== null && tagOf(value) === 'Date';
}

/** Whether all that a value holds is in its members: that of a Map, a URL or a Promise is not. */
export function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && tagOf(value) === 'Object';
}

/** A value as JSON that loses nothing: bigints as integers, numbers that are not finite as strings,
 * bytes as base64, dates as ISO 8601, undefined as null. */
export function valueJson(value: unknown, depth = 0): string {
  switch (typeof value) {
    case 'string':
      return textJson(value);
    case 'number':
      return numberJson(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'null';
    case 'object':
      return value === null ? 'null' : objectJson(value, depth);
    default:
      throw new NotData('a value that a dataset holds', `a ${typeof value}`);
  }
}

function textJson(text: string): string {
  const json = JSON.stringify(text);
  // A surrogate alone, which UTF-8 has not, is written so.
  if (json.includes('\\ud') && /[\ud800-\udfff]/u.test(text)) {
    throw new NotData('a string of whole characters', 'half of one');
  }
  return json;
}

function numberJson(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  // The shortest digits of an integer beyond 2^53 are those of another one.
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 63) {
    return String(BigInt(value));
  }
  return Object.is(value, -0) ? '-0' : String(value);
}

function objectJson(value: object, depth: number): string {
  if (depth > deepest) throw new NotData(`values at most ${deepest} deep`, 'deeper ones');
  if (value instanceof Uint8Array) return `"${base64(value)}"`;
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) {
    return `[${Array.from(value as ArrayLike<unknown>, (each, i) =>
      memberJson(each, `[${i}]`, depth)).join(',')}]`;
  }
  if (isDate(value)) return dateJson(value);
  if (!isMembers(value)) throw new NotData('a value that a dataset holds', `an object (${tagOf(value)})`);
  return `{${Object.entries(value).filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${textJson(name)}:${memberJson(member, name, depth)}`)
    .join(',')}}`;
}

function memberJson(value: unknown, name: string, depth: number): string {
  try {
    return valueJson(value, depth + 1);
  } catch (thrown) {
    throw thrown instanceof NotData ? thrown.within(name) : thrown;
  }
}

function dateJson(date: Date): string {
  if (Number.isNaN(date.getTime())) throw new NotData('a date', 'an invalid Date');
  return `"${date.toISOString()}"`;
}

/** One row as JSON; `at` is its place. Errors: `invalid_data` with `file`, `row`, `expected`, `found` and,
 * of a value, `column`. */
export function rowJson(row: unknown, at: number): string {
  try {
    if (!isMembers(row)) throw new NotData('an object of values by field name', inWords(row));
    return objectJson(row, 0);
  } catch (thrown) {
    if (!(thrown instanceof NotData)) throw thrown;
    const { expected, found, path } = thrown;
    const column = path === '' ? {} : { column: path };
    throw repriseError('invalid_data', `Row ${at}${path === '' ? '' : `, column ${JSON.stringify(path)}`}: ` +
      `expected ${expected}, found ${found}.`, { file: rowsName, row: at, ...column, expected, found });
  }
}

/** What is done with rows on their way. */
export interface RowSteps {
  /** What is written of a row. Default: itself. */
  readonly shaped?: (row: unknown) => unknown;
  /** Hears of each row that could be written. */
  readonly seen?: (row: unknown) => void;
}

/** Rows as pieces of JSON Lines. Errors: `invalid_data`. */
export function rowPieces(
  rows: Iterable<unknown> | AsyncIterable<unknown>, { shaped = (row) => row, seen }: RowSteps = {},
): AsyncGenerator<Piece> {
  async function* lines(): AsyncGenerator<string> {
    let at = 0;
    for await (const row of rows) {
      const line = rowJson(shaped(row), at++);
      seen?.(row);
      yield line;
    }
  }
  return linePieces(lines());
}

export function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x2000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x2000));
  }
  return btoa(binary);
}

/** Lines of text become pieces of about so many UTF-16 units. */
const pieceUnits = 1 << 18;

/** Lines as the pieces of a file, each with its end. */
export async function* linePieces(
  all: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<Piece> {
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
