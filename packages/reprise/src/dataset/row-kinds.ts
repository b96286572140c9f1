// What JSON does not tell of rows of JavaScript: which texts were dates or bytes, and which numbers were
// bigints, infinite, or of typed arrays. A schema that was inferred from JSON learns it from here.
import { mainRuntime } from '../main-runtime.js';
import type { DatasetSchema, Field, FieldType } from '../types/dataset.js';
import { pathOf } from './fields.js';
import { isDate } from './row-json.js';

/** Kinds of values, one bit each. */
const integer = 1;
const otherNumber = 2;
const float32 = 4;
const float64 = 8;
const int32 = 16;
const bigint = 32;
const beyondInt64 = 64;
const date = 128;
const bytes = 256;
const list = 512;
const absent = 1024;
const other = 2048;

const integers = integer | int32;
const numbers = integers | otherNumber | float32 | float64;

/** The kinds of a typed array's elements. */
const kindOfElements: readonly (readonly [new (length: number) => object, number])[] = [
  [Int8Array, int32], [Int16Array, int32], [Int32Array, int32], [Uint8ClampedArray, int32],
  [Uint16Array, int32], [Uint32Array, integer], [Float32Array, float32], [Float64Array, float64],
  [BigInt64Array, bigint],
];

/** What was seen in one place of rows. */
class Kinds {
  seen = 0;
  readonly members = new Map<string, Kinds>();
  elements: Kinds | undefined;

  add(value: unknown): void {
    this.seen |= this.#kindOf(value);
  }

  #kindOf(value: unknown): number {
    if (value === null || value === undefined) return absent;
    if (typeof value === 'number') {
      return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? integer : otherNumber;
    }
    if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? bigint : beyondInt64;
    if (typeof value !== 'object') return other;
    if (isDate(value)) return date;
    if (value instanceof Uint8Array) return bytes;
    if (Array.isArray(value) || ArrayBuffer.isView(value)) {
      this.elements ??= new Kinds();
      const typed = kindOfElements.find(([type]) => value instanceof type);
      if (typed !== undefined) this.elements.seen |= typed[1];
      else for (const element of value as unknown as Iterable<unknown>) this.elements.add(element);
      return list;
    }
    for (const [name, member] of Object.entries(value)) {
      let kinds = this.members.get(name);
      if (kinds === undefined) this.members.set(name, kinds = new Kinds());
      kinds.add(member);
    }
    return other;
  }
}

/** The kinds of the values of the first rows. */
export class RowKinds {
  readonly #root = new Kinds();
  #rows = 0;

  /** From here on so many rows are looked at. */
  expect(rows: number): void {
    this.#rows = rows;
  }

  add(row: unknown): void {
    if (this.#rows === 0) return;
    this.#rows--;
    this.#root.add(row);
  }

  /** The schema that was inferred from the JSON of these rows, with what they say besides. */
  async refined(schema: DatasetSchema): Promise<DatasetSchema> {
    const fields = schema.fields.map((field) => {
      const kinds = pathOf(field).reduce<Kinds | undefined>(
        (at, name) => at?.members.get(name), this.#root);
      return kinds === undefined ? field : refinedField(field, kinds);
    });
    const { client } = await mainRuntime.get();
    return client.call('datasetNameText', { json: JSON.stringify({ ...schema, fields }) });
  }
}

function refinedField(field: Field, { seen, elements }: Kinds): Field {
  const isOfLists = (seen & ~absent) === list;
  const found = (isOfLists ? elements?.seen : seen & ~absent) ?? 0;
  const type = typeFrom(found);
  if (type === undefined) return field;
  const { from: _, ...rest } = field;
  if (type === 'any') return { ...rest, type: 'string', from: 'any' };
  return { ...rest, type: isOfLists ? { list: type } : type };
}

/** The type of values of some kinds; nothing where JSON says it. */
function typeFrom(found: number): FieldType | 'any' | undefined {
  switch (found) {
    case date:
      return 'timestamp';
    case bytes:
      return 'bytes';
    case float32:
      return 'float32';
    case int32:
      return 'int32';
  }
  const isOf = (kinds: number) => found !== 0 && (found & ~kinds) === 0;
  if (isOf(integers | bigint)) return 'int64';
  // Every number of JavaScript is a float64.
  if (isOf(numbers)) return 'float64';
  return isOf(numbers | bigint | beyondInt64) && (found & beyondInt64) > 0 ? 'any' : undefined;
}
