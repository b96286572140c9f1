// Rows as a Parquet file, row group by row group, through hyparquet-writer.
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { repriseError } from '../../errors.js';
import { inWords, refuse } from '../../options.js';
import type { DatasetSchema, Field, FieldType, Row, Value } from '../../types/dataset.js';
import { isList, type PathNode, pathTree, typeOf } from '../fields.js';

/** A row group ends behind so many rows, or about so many bytes. */
const mostGroupRows = 2 ** 17;
const groupBytes = 2 ** 25;

type Annotation = Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'>;

const string: Annotation = {
  type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' },
};
const annotations: Readonly<Record<FieldType, Annotation>> = {
  string,
  categorical: string,
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
  float32: { type: 'FLOAT' },
  float64: { type: 'DOUBLE' },
  bool: { type: 'BOOLEAN' },
  timestamp: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
  bytes: { type: 'BYTE_ARRAY' },
};

const isInt64 = (value: unknown) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
/** A surrogate alone has no UTF-8. */
const loneSurrogate = /[\ud800-\udfff]/u;
const isText = (value: unknown) => typeof value === 'string' && !loneSurrogate.test(value);

/** What values of a type are, in words, and whether one is. */
const checks: Readonly<Record<FieldType, readonly [expected: string, is: (value: unknown) => boolean]>> = {
  string: ['a string of whole characters', isText],
  categorical: ['a category of the field', isText],
  int32: ['an integer of 32 bits', (value) => Object.is((value as number) | 0, value)],
  int64: ['a bigint of 64 bits', isInt64],
  float32: ['a number that float32 holds', (value) =>
    typeof value === 'number' && Object.is(Math.fround(value), value)],
  float64: ['a number', (value) => typeof value === 'number'],
  bool: ['true or false', (value) => typeof value === 'boolean'],
  timestamp: ['a bigint of 64 bits, of microseconds', isInt64],
  bytes: ['a Uint8Array', (value) => value instanceof Uint8Array],
};

/** The schema's elements: a field is a column where its path leads, a list a LIST of three levels. */
function elementsOf(members: readonly PathNode[]): SchemaElement[] {
  return members.flatMap(({ name, field, members: inner }): SchemaElement[] => {
    if (field === undefined) {
      return [{ name, repetition_type: 'REQUIRED', num_children: inner.length }, ...elementsOf(inner)];
    }
    const annotation = annotations[typeOf(field)];
    const repetition_type = field.optional === true ? 'OPTIONAL' : 'REQUIRED';
    if (!isList(field)) return [{ name, repetition_type, ...annotation }];
    return [
      { name, repetition_type, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', repetition_type: 'REQUIRED', ...annotation },
    ];
  });
}

/** A value as the writer takes it: a field's own, or an object of the members' values. */
function valueOf({ field, members }: PathNode, row: Row): unknown {
  if (field !== undefined) return row[field.name] ?? null;
  // A name like __proto__ is one like others.
  const object = Object.create(null) as Record<string, unknown>;
  for (const member of members) object[member.name] = valueOf(member, row);
  return object;
}

const hasFloats = ({ field, members }: PathNode): boolean =>
  (field === undefined ? members.some(hasFloats) : typeOf(field).startsWith('float'));

/** Rows of a row group, column by column. */
class Columns {
  readonly #fields: readonly Field[];
  readonly #tops: readonly PathNode[];
  #values: unknown[][];
  rows = 0;
  bytes = 0;

  constructor(fields: readonly Field[], tops: readonly PathNode[]) {
    this.#fields = fields;
    this.#tops = tops;
    this.#values = tops.map(() => []);
  }

  /** `row` is its place, for errors. Errors: `invalid_data`. */
  add(values: Row, row: number): void {
    for (const field of this.#fields) this.#check(field, values[field.name], row);
    this.#tops.forEach((top, i) => this.#values[i]?.push(valueOf(top, values)));
    this.rows++;
  }

  #check(field: Field, value: Value | undefined, row: number): void {
    const [expected, is] = checks[typeOf(field)];
    const fail = (what: string, found: unknown) => repriseError('invalid_data',
      `Row ${row}, field ${field.name}: expected ${what}, found ${inWords(found)}.`,
      { row, column: field.name, expected: what, found: inWords(found) });
    if (value === null || value === undefined) {
      if (field.optional !== true) throw fail(isList(field) ? 'a list' : expected, value);
      return;
    }
    const isWrong = (one: unknown) => !is(one) ||
      (typeOf(field) === 'categorical' && field.categories?.includes(one as string) === false);
    if (!isList(field)) {
      if (isWrong(value)) throw fail(expected, value);
      this.bytes += sizeOf(value);
      return;
    }
    if (!Array.isArray(value)) throw fail('a list', value);
    for (const element of value as readonly Value[]) {
      if (isWrong(element)) throw fail(`${expected} in a list`, element);
      this.bytes += sizeOf(element);
    }
  }

  /** Gives the columns and begins anew. */
  take(): { name: string; data: unknown[]; encoding?: 'PLAIN' }[] {
    const columns = this.#tops.map((top, i) => ({
      name: top.name,
      data: this.#values[i] as unknown[],
      // A dictionary would take −0 for 0.
      ...(hasFloats(top) ? { encoding: 'PLAIN' as const } : {}),
    }));
    this.#values = this.#tops.map(() => []);
    this.rows = 0;
    this.bytes = 0;
    return columns;
  }
}

function sizeOf(value: Value): number {
  if (typeof value === 'string') return value.length;
  return value instanceof Uint8Array ? value.length : 8;
}

/** The bytes written since the last time. */
class Output extends ByteWriter {
  take(): Uint8Array {
    const bytes = this.getBytes().slice();
    this.index = 0;
    return bytes;
  }
}

/** What `writeParquet` says. */
export async function* writeRowGroups(
  schema: DatasetSchema, batches: AsyncIterable<readonly Row[]>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (schema.fields.length === 0) throw refuse('schema', 'of at least one field', schema);
  const tops = pathTree(schema);
  const output = new Output();
  const writer = new ParquetWriter({
    writer: output, codec: 'SNAPPY', createdBy: 'reprise',
    schema: [{ name: 'schema', num_children: tops.length }, ...elementsOf(tops)],
  });
  const columns = new Columns(schema.fields, tops);
  const write = () => {
    const rowGroupSize = columns.rows;
    writer.write({ columnData: columns.take() as never, rowGroupSize });
    return output.take();
  };
  let row = 0;
  for await (const batch of batches) {
    for (const values of batch) {
      columns.add(values, row++);
      if (columns.rows >= mostGroupRows || columns.bytes >= groupBytes) yield write();
    }
  }
  if (columns.rows > 0) yield write();
  writer.finish();
  yield output.take();
}
