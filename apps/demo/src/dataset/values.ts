// Fields and values of a dataset as people read them.
import type { DatasetFieldStats, Field, Value } from 'reprise';

const LONGEST_TEXT = 160;
const LONGEST_LIMIT = 40;
const MOST_ELEMENTS = 8;
const MOST_BYTES = 12;
const none = '–';

export function typeInWords({ type, categories }: Field): string {
  const name = typeof type === 'string' ? type : `list of ${type.list}`;
  return categories === undefined ? name : `${name}: ${cut(categories.join(', '), LONGEST_TEXT)}`;
}

/** One value. Of a long one the beginning. */
export function valueInWords(value: Value | undefined, field: Field): string {
  if (value === null || value === undefined) return '(absent)';
  if (value instanceof Uint8Array) {
    const some = [...value.subarray(0, MOST_BYTES)].map((byte) => byte.toString(16).padStart(2, '0'));
    return some.join(' ') + (value.length > MOST_BYTES ? ` … (${value.length} bytes)` : '');
  }
  if (isArray(value)) {
    const some = value.slice(0, MOST_ELEMENTS).map((element) => valueInWords(element, field));
    return `[${some.join(', ')}${value.length > MOST_ELEMENTS ? `, … (${value.length})` : ''}]`;
  }
  return typeof value === 'bigint' && isTime(field) ? time(value) : cut(String(value), LONGEST_TEXT);
}

const isArray = (value: Value): value is readonly Value[] => Array.isArray(value);

function isTime({ type }: Field): boolean {
  return type === 'timestamp' || (typeof type !== 'string' && type.list === 'timestamp');
}

/** Microseconds since 1970. */
function time(microseconds: bigint): string {
  const date = new Date(Number(microseconds / 1000n));
  return Number.isNaN(date.getTime()) ? `${microseconds} µs` : date.toISOString();
}

/** Characters are not cut in two. */
function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  return `${[...text.slice(0, 2 * longest)].slice(0, longest).join('')}…`;
}

/** What stands in the row of a field, in the order of `statsHeadings`. */
export function statsInWords(field: Field, stats: DatasetFieldStats): string[] {
  const isCounted = ['string', 'bytes', 'categorical', 'bool'].includes(String(field.type));
  const unit = typeof field.type === 'string' ? 'bytes' : 'elements';
  return [
    field.name,
    stats.count.toLocaleString('en'),
    stats.absent.toLocaleString('en'),
    stats.distinct?.toLocaleString('en') ?? (isCounted ? 'more than 10,000' : none),
    limit(stats.min, field),
    limit(stats.max, field),
    stats.mean === undefined ? none : figure(stats.mean),
    stats.meanLength === undefined ? none : `${figure(stats.meanLength)} ${unit}`,
  ];
}

export const statsHeadings = [
  'Field', 'Values', 'Absent', 'Distinct', 'Least', 'Greatest', 'Mean', 'Mean length',
] as const;

function limit(value: number | string | undefined, field: Field): string {
  if (value === undefined) return none;
  if (typeof value === 'number') return figure(value);
  return isTime(field) ? time(BigInt(value)) : cut(value, LONGEST_LIMIT);
}

function figure(value: number): string {
  return String(Number(value.toPrecision(6)));
}
