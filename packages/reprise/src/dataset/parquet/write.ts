// Rows as a Parquet file, row group by row group, through hyparquet-writer.
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { repriseError } from '../../errors.js';
import { inWords, refuse } from '../../options.js';
import type { DatasetSchema, Field, FieldType, Row, Value } from '../../types/dataset.js';

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

const typeOf = ({ type }: Field): FieldType => (typeof type === 'string' ? type : type.list);
const isList = ({ type }: Field): boolean => typeof type !== 'string';

/** The schema's elements: a field is a column of its name, a list a LIST of three levels. */
function elementsOf({ fields }: DatasetSchema): SchemaElement[] {
  const elements: SchemaElement[] = [{ name: 'schema', num_children: fields.length }];
  for (const field of fields) {
    const { name } = field;
    const annotation = annotations[typeOf(field)];
    const repetition_type = field.optional === true ? 'OPTIONAL' : 'REQUIRED';
    if (!isList(field)) {
      elements.push({ name, repetition_type, ...annotation });
      continue;
    }
    elements.push(
      { name, repetition_type, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', repetition_type: 'REQUIRED', ...annotation },
    );
  }
  return elements;
}

/** Rows of a row group, column by column. */
class Columns {
  readonly #fields: readonly Field[];
  #values: Value[][];
  rows = 0;
  bytes = 0;

  constructor(fields: readonly Field[]) {
    this.#fields = fields;
    this.#values = fields.map(() => []);
  }

  /** `row` is its place, for errors. Errors: `invalid_data`. */
  add(values: Row, row: number): void {
    this.#fields.forEach((field, i) => {
      const value = values[field.name];
      this.#check(field, value, row);
      this.#values[i]?.push(value ?? null);
    });
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
  take(): { name: string; data: Value[]; encoding?: 'PLAIN' }[] {
    const columns = this.#fields.map((field, i) => ({
      name: field.name,
      data: this.#values[i] as Value[],
      // A dictionary would take −0 for 0.
      ...(typeOf(field).startsWith('float') ? { encoding: 'PLAIN' as const } : {}),
    }));
    this.#values = this.#fields.map(() => []);
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
  const output = new Output();
  const writer = new ParquetWriter({
    writer: output, schema: elementsOf(schema), codec: 'SNAPPY', createdBy: 'reprise',
  });
  const columns = new Columns(schema.fields);
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
