// Files of Parquet for tests, and rows against what hyparquet makes of them as JSON.
import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type OpenParquet, openParquet, type RandomAccessFile, type ReadParquetOptions,
} from '../dataset/parquet.js';
import type { Field, Row, Value } from '../types/dataset.js';

/** A file in memory. */
export function memoryFile(name: string, bytes: Uint8Array): RandomAccessFile {
  return {
    name,
    byteLength: bytes.byteLength,
    slice: async (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer,
  };
}

/** A file on disk, read where it is asked for; `most` is told of each length. */
export async function diskFile(
  path: string, told: (length: number) => void,
): Promise<RandomAccessFile & AsyncDisposable> {
  const handle = await open(path);
  const { size } = await handle.stat();
  return {
    name: basename(path),
    byteLength: size,
    async slice(start, end) {
      told(end - start);
      const bytes = new Uint8Array(end - start);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      return bytes.buffer.slice(0, bytesRead);
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

export const loadFile = async (path: string): Promise<RandomAccessFile> =>
  memoryFile(basename(path), await readFile(path));

/** All rows. */
export async function rowsOf(opened: OpenParquet, options?: ReadParquetOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of opened.read(options)) rows.push(...batch);
  return rows;
}

/** Opens and reads everything. */
export async function readAll(file: RandomAccessFile): Promise<{ opened: OpenParquet; rows: Row[] }> {
  const opened = await openParquet(file);
  return { opened, rows: await rowsOf(opened) };
}

const isNothing = (value: unknown) => value === null || value === undefined;

/** Whether a JSON value is the same as hyparquet's, which leaves absent members out and turns times to
 * dates, large integers to doubles and bytes to texts or lists. */
function sameJson(ours: unknown, theirs: unknown): boolean {
  if (isNothing(ours) || isNothing(theirs)) return isNothing(ours) && isNothing(theirs);
  if (typeof ours === 'string') return sameText(ours, theirs);
  if (typeof ours !== 'object') return ours === theirs;
  if (Array.isArray(ours)) {
    return Array.isArray(theirs) && ours.length === theirs.length &&
      ours.every((value, i) => sameJson(value, theirs[i]));
  }
  const names = new Set([...Object.keys(ours as object), ...Object.keys(theirs as object)]);
  return [...names].every((name) => sameJson(
    (ours as Record<string, unknown>)[name], (theirs as Record<string, unknown>)[name]));
}

/** Texts that are also decimals, times of a day (which hyparquet leaves in their unit) or JSON. */
function sameText(ours: string, theirs: unknown): boolean {
  if (ours === theirs) return true;
  if (typeof theirs === 'number') {
    const [, hours, minutes, seconds, digits = ''] = /^(\d\d):(\d\d):(\d\d)\.(\d+)$/.exec(ours) ?? [];
    if (seconds === undefined) return Math.abs(Number(ours) - theirs) <= 1e-15 * Math.abs(theirs);
    const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    return whole * 10 ** digits.length + Number(digits) === theirs;
  }
  if (typeof theirs === 'string') {
    if (Date.parse(ours) === Date.parse(theirs)) return true;
    // Bytes; hyparquet takes them for UTF-8.
    const bytes = Buffer.from(ours, 'base64');
    return bytes.toString('base64') === ours && bytes.toString('utf8') === theirs;
  }
  return sameJson(JSON.parse(ours), theirs);
}

function sameBytes(ours: Uint8Array, theirs: unknown): boolean {
  if (typeof theirs === 'string') return new TextDecoder().decode(ours) === theirs;
  if (Array.isArray(theirs)) {
    return ours.length === theirs.length && ours.every((byte, i) => byte === theirs[i]);
  }
  // A geometry as GeoJSON; ours is the bytes of WKB.
  return typeof theirs === 'object' && ours.length > 0;
}

/** Whether a field's value is the same as hyparquet's in JSON. */
function same({ type, from }: Field, ours: Value, theirs: unknown): boolean {
  if (isNothing(ours)) return isNothing(theirs);
  if (typeof ours === 'number' && isNothing(theirs)) return !Number.isFinite(ours);
  if (Array.isArray(ours)) {
    // A list that cannot be absent: hyparquet has nothing for an empty one.
    if (isNothing(theirs)) return ours.length === 0;
    return Array.isArray(theirs) && theirs.length === ours.length && ours.every((value, i) =>
      same({ name: '', type: (type as { list: 'string' }).list }, value as Value, theirs[i]));
  }
  if (type === 'timestamp') {
    return ((ours as bigint) - BigInt(Date.parse(String(theirs))) * 1000n) / 1000n === 0n;
  }
  if (typeof ours === 'bigint') return Number(ours) === Number(theirs);
  if (ours instanceof Uint8Array) return sameBytes(ours, theirs);
  if (from === 'any') return sameJson(JSON.parse(ours as string), theirs);
  if (typeof ours === 'string') return sameText(ours, theirs);
  return Object.is(ours, theirs) || ours === Number(theirs);
}

const pathOf = ({ name, path }: Field): readonly string[] =>
  path === undefined ? [name] : path as readonly string[];

/** What differs between rows and hyparquet's, which are lists of the file's top columns; '' where
 * nothing does. */
export function difference(
  fields: readonly Field[], rows: readonly Row[], theirs: readonly (readonly unknown[])[],
): string {
  if (rows.length !== theirs.length) return `${rows.length} rows, not ${theirs.length}`;
  const tops = [...new Set(fields.map((field) => pathOf(field)[0]))];
  for (const [row, values] of rows.entries()) {
    for (const field of fields) {
      const [top, ...rest] = pathOf(field);
      let value = theirs[row]?.[tops.indexOf(top)];
      for (const name of rest) value = (value as Record<string, unknown> | null | undefined)?.[name];
      if (!same(field, values[field.name] as Value, value)) {
        const [ours, other] = [values[field.name], value].map((one) => typeof one === 'bigint'
          ? String(one) : JSON.stringify(one));
        return `row ${row}, ${field.name}: ${ours}, not ${other}`;
      }
    }
  }
  return '';
}
