// Batches of columns as a Table of the optional package apache-arrow, in a chunk of its own.
import type { Data, DataType, Field as ArrowField, RecordBatch, Schema, Table, Vector } from 'apache-arrow';

import { repriseError } from '../errors.js';
import type { ColumnPart } from '../protocol.js';
import { join } from '../sources/reading.js';
import type { DatasetSchema, Field, FieldType } from '../types/dataset.js';
import type { ColumnBatch } from './columns.js';

type Arrow = typeof import('apache-arrow');

/** What values are in Arrow: their type, and the memory that they have besides the bits of absent
 * ones. */
interface Values {
  readonly type: DataType;
  memory(part: ColumnPart): Memory;
}

interface Memory {
  readonly data?: Int32Array | BigInt64Array | Float32Array | Float64Array | Uint8Array;
  readonly valueOffsets?: Int32Array;
  readonly child?: Data;
  readonly children?: readonly Data[];
  readonly dictionary?: Vector;
}

/** Arrow's own, which has a signature for each type. */
type MakeData = (props: Memory & {
  readonly type: DataType; readonly length: number; readonly nullBitmap?: Uint8Array;
}) => Data;

/** One field of a table. */
interface ArrowColumn {
  readonly field: ArrowField;
  data(part: ColumnPart, rows: number): Data;
}

/** Builds a table, of each batch a record batch. What a batch holds is copied column by column, so that
 * memory never holds more than one batch twice: 64-bit offsets and bools of a byte go with it, and whoever
 * keeps one column of the table keeps no other. */
export class TableBuilder {
  readonly #arrow: Arrow;
  readonly #batches: RecordBatch[] = [];
  #columns: readonly ArrowColumn[] | undefined;
  #schema: Schema | undefined;

  private constructor(arrow: Arrow) {
    this.#arrow = arrow;
  }

  /** Errors: `unsupported` where the package does not load. */
  static async load(): Promise<TableBuilder> {
    try {
      // By its name, so that bundlers find it; within `try` they go on where it is not installed.
      return new TableBuilder(await import('apache-arrow'));
    } catch (thrown) {
      const error = repriseError('unsupported', 'toArrow makes a table of the package apache-arrow, ' +
        'which does not load here. Install it beside reprise: npm install apache-arrow. Loading it ' +
        `ended with: ${String(thrown)}`, { package: 'apache-arrow' });
      error.cause = thrown;
      throw error;
    }
  }

  add(batch: ColumnBatch): void {
    const { makeData, RecordBatch, Struct } = this.#arrow;
    const schema = this.#schemaOf(batch.schema);
    const children = (this.#columns as readonly ArrowColumn[])
      .map((column, i) => column.data(batch.part(i), batch.rows));
    const type = new Struct(schema.fields);
    this.#batches.push(new RecordBatch(schema, makeData({ type, length: batch.rows, children })));
  }

  /** Of the batches so far, which have this schema. */
  table(schema: DatasetSchema): Table {
    return new this.#arrow.Table(this.#schemaOf(schema), this.#batches);
  }

  /** The same types for all batches, since a dictionary belongs to its type. */
  #schemaOf({ fields }: DatasetSchema): Schema {
    this.#columns ??= fields.map((field) => columnOf(this.#arrow, field));
    this.#schema ??= new this.#arrow.Schema(this.#columns.map(({ field }) => field));
    return this.#schema;
  }
}

function columnOf(arrow: Arrow, field: Field): ArrowColumn {
  const make = arrow.makeData as MakeData;
  const { type: of, categories } = field;
  const isList = typeof of !== 'string';
  const { type, memory } = valuesOf(arrow, isList ? of.list : of, categories);
  const isNullable = field.optional === true;
  const nulls = ({ validity }: ColumnPart) => (validity.length === 0 ? {} : { nullBitmap: validity.slice() });
  if (!isList) {
    return {
      field: new arrow.Field(field.name, type, isNullable),
      data: (part, rows) => make({ type, length: rows, ...nulls(part), ...memory(part) }),
    };
  }
  const list = new arrow.List(new arrow.Field('item', type, false));
  return {
    field: new arrow.Field(field.name, list, isNullable),
    data(part, rows) {
      const valueOffsets = narrowed(part.listOffsets);
      const child = make({ type, length: valueOffsets[rows] as number, ...memory(part) });
      return make({ type: list, length: rows, ...nulls(part), valueOffsets, child });
    },
  };
}

function valuesOf(arrow: Arrow, of: FieldType, categories: readonly string[] = []): Values {
  const bytes = ({ offsets, values }: ColumnPart): Memory =>
    ({ valueOffsets: narrowed(offsets), data: values.slice() });
  const int32s = ({ values }: ColumnPart): Memory => ({ data: new Int32Array(values.slice().buffer) });
  const int64s = ({ values }: ColumnPart): Memory => ({ data: new BigInt64Array(values.slice().buffer) });
  switch (of) {
    case 'string':
      return { type: new arrow.Utf8(), memory: bytes };
    case 'bytes':
      return { type: new arrow.Binary(), memory: bytes };
    case 'bool':
      return { type: new arrow.Bool(), memory: ({ values }) => ({ data: packed(values) }) };
    case 'int32':
      return { type: new arrow.Int32(), memory: int32s };
    case 'int64':
      return { type: new arrow.Int64(), memory: int64s };
    case 'timestamp':
      return { type: new arrow.TimestampMicrosecond('UTC'), memory: int64s };
    case 'float32':
      return {
        type: new arrow.Float32(),
        memory: ({ values }) => ({ data: new Float32Array(values.slice().buffer) }),
      };
    case 'float64':
      return {
        type: new arrow.Float64(),
        memory: ({ values }) => ({ data: new Float64Array(values.slice().buffer) }),
      };
    case 'categorical': {
      const texts = new arrow.Utf8();
      const dictionary = new arrow.Vector([
        (arrow.makeData as MakeData)({ type: texts, ...textsOf(categories) })]);
      return {
        type: new arrow.Dictionary(texts, new arrow.Int32()),
        memory: (part) => ({ ...int32s(part), dictionary }),
      };
    }
  }
}

/** 64-bit offsets in 32 bits, which are enough: a batch was in memory of 4 GiB beside the bytes that it
 * was made of. */
function narrowed(offsets: Uint32Array): Int32Array {
  const narrow = new Int32Array(offsets.length / 2);
  for (let i = 0; i < narrow.length; i++) narrow[i] = offsets[2 * i] as number;
  return narrow;
}

/** Bools of a byte as bits, the lowest first. */
function packed(bools: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(bools.length / 8));
  for (let i = 0; i < bools.length; i++) {
    bits[i >> 3] = (bits[i >> 3] as number) | ((bools[i] as number) << (i & 7));
  }
  return bits;
}

function textsOf(texts: readonly string[]): Memory & { readonly length: number } {
  const encoder = new TextEncoder();
  const encoded = texts.map((text) => encoder.encode(text));
  const valueOffsets = new Int32Array(texts.length + 1);
  encoded.forEach(({ length }, i) => {
    valueOffsets[i + 1] = valueOffsets[i] as number + length;
  });
  return { length: texts.length, valueOffsets, data: join(encoded) };
}
