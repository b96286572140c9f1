// Batches of rows in columns, as the core gives them, and what callers get of them: rows and typed
// arrays.
import type { ColumnPart, Utf8Texts } from '../protocol.js';
import type { Column, DatasetSchema, Field, FieldType, Row, Value } from '../types/dataset.js';
import { isList, typeOf } from './fields.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const digestBytes = 32;

/** Rows that were read together. */
export class ColumnBatch {
  readonly schema: DatasetSchema;
  readonly rows: number;
  readonly #parts: readonly ColumnPart[];
  /** Lists of digests, 32 bytes a row: of the rows, and of the fields that were asked for. */
  readonly digests: readonly Uint8Array[];
  #getters: readonly ((row: number) => Value)[] | undefined;

  /** `bytes` are as batchBytes of engine/dataset-calls.ts lays them out. */
  constructor(schema: DatasetSchema, bytes: Uint8Array) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, 4);
    const [rows = 0, columns = 0, lists = 0] = words;
    const sizes = new Uint32Array(bytes.buffer, bytes.byteOffset + 16, 4 * columns);
    let at = 16 + sizes.byteLength;
    const take = (size: number): Uint8Array => {
      at = Math.ceil(at / 8) * 8;
      const part = bytes.subarray(at, at + size);
      at += size;
      return part;
    };
    const words64 = (part: Uint8Array) =>
      new Uint32Array(part.buffer, part.byteOffset, part.byteLength / 4);
    this.schema = schema;
    this.rows = rows;
    this.#parts = Array.from({ length: columns }, (_, i) => ({
      validity: take(sizes[4 * i] as number),
      listOffsets: words64(take(sizes[4 * i + 1] as number)),
      offsets: words64(take(sizes[4 * i + 2] as number)),
      values: take(sizes[4 * i + 3] as number),
    }));
    this.digests = Array.from({ length: lists }, () => take(rows * digestBytes));
  }

  /** Bytes that it keeps. */
  get byteLength(): number {
    return this.#parts.reduce((sum, { validity, listOffsets, offsets, values }) => sum +
      validity.byteLength + listOffsets.byteLength + offsets.byteLength + values.byteLength, 0);
  }

  part(column: number): ColumnPart {
    return this.#parts[column] as ColumnPart;
  }

  /** The texts of a field from a row on, so many rows or bytes; undefined where the field is no text,
   * or may be absent somewhere. */
  texts(name: string, row: number, most: number, mostBytes: number): Utf8Texts | undefined {
    const column = this.schema.fields.findIndex((field) => field.name === name);
    if (column < 0 || this.schema.fields[column]?.type !== 'string') return undefined;
    const { validity, offsets, values } = this.part(column);
    if (validity.length > 0) return undefined;
    const begin = offsets[2 * row] as number;
    let end = row;
    do end++; while (end < this.rows && end - row < most && (offsets[2 * end] as number) - begin < mostBytes);
    const sizes = new Uint32Array(end - row);
    for (let i = 0; i < sizes.length; i++) {
      sizes[i] = (offsets[2 * (row + i + 1)] as number) - (offsets[2 * (row + i)] as number);
    }
    return { bytes: values.slice(begin, offsets[2 * end]), sizes };
  }

  /** Its rows, by field name. */
  allRows(): Row[] {
    return Array.from({ length: this.rows }, (_, at) => this.row(at));
  }

  /** One row, by field name. */
  row(at: number): Row {
    this.#getters ??= this.schema.fields.map((field, i) => getterOf(field, this.part(i)));
    const row: Record<string, Value> = {};
    this.schema.fields.forEach(({ name }, i) => {
      const value = (this.#getters as readonly ((row: number) => Value)[])[i]?.(at) ?? null;
      // A name like __proto__ is one like others.
      if (name === '__proto__') Object.defineProperty(row, name, { value, enumerable: true });
      else row[name] = value;
    });
    return row;
  }
}

function getterOf(field: Field, part: ColumnPart): (row: number) => Value {
  const element = elementsOf(field, part);
  const { validity, listOffsets } = part;
  const value = !isList(field) ? element : (row: number): Value => {
    const [first, last] = [listOffsets[2 * row] as number, listOffsets[2 * row + 2] as number];
    return Array.from({ length: last - first }, (_, i) => element(first + i));
  };
  if (validity.length === 0) return value;
  return (row) => (((validity[row >> 3] as number) >> (row & 7)) & 1 ? value(row) : null);
}

/** The values of a column, elements of lists one by one. */
function elementsOf(field: Field, { values, offsets }: ColumnPart): (at: number) => Value {
  switch (typeOf(field)) {
    case 'string':
      return textsOf(values, offsets);
    case 'bytes':
      return (at) => values.slice(offsets[2 * at], offsets[2 * at + 2]);
    case 'bool':
      return (at) => values[at] === 1;
    case 'int32':
      return from(int32s(values));
    case 'float32':
      return from(float32s(values));
    case 'float64':
      return from(float64s(values));
    case 'int64':
    case 'timestamp':
      return from(int64s(values));
    case 'categorical': {
      const codes = int32s(values);
      const { categories = [] } = field;
      return (at) => categories[codes[at] as number] as string;
    }
  }
}

function from<T extends Value>(values: { readonly [at: number]: T }): (at: number) => T {
  return (at) => values[at] as T;
}

/** Texts are decoded all at once, which takes a fraction of the time. */
function textsOf(values: Uint8Array, offsets: Uint32Array): (at: number) => string {
  let all: string | undefined;
  /** Where each begins in it, where that is not where its bytes begin. */
  let starts: Uint32Array | undefined;
  return (at) => {
    if (all === undefined) {
      all = decoder.decode(values);
      if (all.length !== values.length) starts = utf16Starts(values, offsets);
    }
    return starts === undefined ? all.slice(offsets[2 * at], offsets[2 * at + 2])
      : all.slice(starts[at], starts[at + 1]);
  };
}

/** The places of texts in UTF-16 units, from those in bytes of valid UTF-8: a code point has two units
 * where its first byte is 0xF0 or more, else one. */
function utf16Starts(values: Uint8Array, offsets: Uint32Array): Uint32Array {
  const starts = new Uint32Array(offsets.length / 2);
  let units = 0;
  let at = 0;
  for (let i = 0; i < starts.length; i++) {
    for (const end = offsets[2 * i] as number; at < end; at++) {
      const byte = values[at] as number;
      if (byte < 0x80 || byte > 0xbf) units += byte < 0xf0 ? 1 : 2;
    }
    starts[i] = units;
  }
  return starts;
}

const int32s = (part: Uint8Array) =>
  new Int32Array(part.buffer, part.byteOffset, part.byteLength / 4);
const float32s = (part: Uint8Array) =>
  new Float32Array(part.buffer, part.byteOffset, part.byteLength / 4);
const float64s = (part: Uint8Array) =>
  new Float64Array(part.buffer, part.byteOffset, part.byteLength / 8);
const int64s = (part: Uint8Array) =>
  new BigInt64Array(part.buffer, part.byteOffset, part.byteLength / 8);

/** Columns from the parts that the engine gives, four of each. */
export function typedColumns(
  schema: DatasetSchema, parts: readonly Uint8Array[],
): Record<string, Column> {
  return Object.fromEntries(schema.fields.map((field, column) => {
    const [validity, listOffsets, offsets, values] =
      parts.slice(4 * column, 4 * column + 4) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const type = typeOf(field);
    const hasBytes = type === 'string' || type === 'bytes';
    return [field.name, {
      field, values: typedValues(type, values),
      ...(hasBytes ? { offsets: int64s(offsets) } : {}),
      ...(isList(field) ? { listOffsets: int64s(listOffsets) } : {}),
      ...(validity.length > 0 ? { validity } : {}),
    }];
  }));
}

function typedValues(type: FieldType, values: Uint8Array): Column['values'] {
  switch (type) {
    case 'int32':
    case 'categorical':
      return int32s(values);
    case 'int64':
    case 'timestamp':
      return int64s(values);
    case 'float32':
      return float32s(values);
    case 'float64':
      return float64s(values);
    default:
      return values;
  }
}
