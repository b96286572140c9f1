// The values of a page, by their encoding, as raw as they are stored.
import type { Encoding, ParquetType } from 'hyparquet';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { readVarInt } from 'hyparquet/src/thrift.js';
import type { DataReader } from 'hyparquet/src/types.js';
import { readRuns } from './levels.js';

/** Values as stored: numbers, bigints, bools or bytes. An INT96 is its 12 bytes. */
export type Raw = ArrayLike<number | bigint | boolean | Uint8Array>;

/** What a column's values are stored as. */
export interface Stored {
  readonly type: ParquetType;
  readonly length: number | undefined;
}

/** Encodings that are no places in a dictionary. */
const directEncodings: ReadonlySet<Encoding | undefined> = new Set<Encoding>([
  'PLAIN', 'RLE', 'DELTA_BINARY_PACKED', 'DELTA_LENGTH_BYTE_ARRAY', 'DELTA_BYTE_ARRAY',
  'BYTE_STREAM_SPLIT',
]);

export const isDirect = (encoding: Encoding | undefined): boolean => directEncodings.has(encoding);
export const isDictionary = (encoding: Encoding | undefined): boolean =>
  encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY';

/** Integers as differences. Throws where there are not as many as there should be. */
function readDeltas<Out extends Int32Array | BigInt64Array>(reader: DataReader, out: Out): Out {
  const peek = { ...reader };
  const block = readVarInt(peek);
  const parts = readVarInt(peek);
  const count = readVarInt(peek);
  if (block <= 0 || parts <= 0 || block % parts !== 0 || count !== out.length) {
    throw new RangeError(`${count} differences in ${parts} parts of ${block}, not ${out.length}`);
  }
  deltaBinaryUnpack(reader, count, out);
  return out;
}

/** The next `length` bytes. */
function take(reader: DataReader, length: number): Uint8Array {
  const { view, offset } = reader;
  if (length < 0 || offset + length > view.byteLength) throw new RangeError(`${length} bytes`);
  reader.offset += length;
  return new Uint8Array(view.buffer, view.byteOffset + offset, length);
}

function readDeltaBytes(reader: DataReader, count: number): Uint8Array[] {
  const shared = readDeltas(reader, new Int32Array(count));
  const lengths = readDeltas(reader, new Int32Array(count));
  let before: Uint8Array = new Uint8Array(0);
  return Array.from(lengths, (length, i) => {
    const prefix = shared[i] as number;
    if (prefix < 0 || prefix > before.length) throw new RangeError(`a prefix of ${prefix} bytes`);
    const suffix = take(reader, length);
    if (prefix === 0) return before = suffix;
    const value = new Uint8Array(prefix + length);
    value.set(before.subarray(0, prefix));
    value.set(suffix, prefix);
    return before = value;
  });
}

/** PLAIN values, also those of dictionaries. Throws where the bytes do not suffice. */
export function readPlainValues(page: Uint8Array, { type, length }: Stored, count: number): Raw {
  const reader = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: 0 };
  if (type === 'INT96') return Array.from({ length: count }, () => take(reader, 12));
  if (type === 'FIXED_LEN_BYTE_ARRAY' && length === 0) {
    return Array.from({ length: count }, () => new Uint8Array(0));
  }
  return readPlain(reader, type, count, length) as Raw;
}

/** Values that are not in a dictionary. Throws where they are no such values, or not as many. */
export function readDirect(
  page: Uint8Array, encoding: Encoding, stored: Stored, count: number,
): Raw {
  if (count === 0) return [];
  const { type, length } = stored;
  const reader = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: 0 };
  switch (encoding) {
    case 'PLAIN':
      return readPlainValues(page, stored, count);
    case 'RLE': {
      if (type !== 'BOOLEAN') throw new Error(`${type} values cannot be in runs`);
      const bits = new Uint8Array(count);
      readRuns(take({ ...reader, offset: 4 }, reader.view.getUint32(0, true)), 1, 1, bits);
      return Array.from(bits, (bit) => bit === 1);
    }
    case 'DELTA_BINARY_PACKED':
      if (type === 'INT32') return readDeltas(reader, new Int32Array(count));
      if (type === 'INT64') return readDeltas(reader, new BigInt64Array(count));
      throw new Error(`${type} values have no differences`);
    case 'DELTA_LENGTH_BYTE_ARRAY':
      if (type !== 'BYTE_ARRAY') throw new Error(`${type} values have no lengths`);
      return Array.from(readDeltas(reader, new Int32Array(count)), (bytes) => take(reader, bytes));
    case 'DELTA_BYTE_ARRAY': {
      if (type !== 'BYTE_ARRAY' && type !== 'FIXED_LEN_BYTE_ARRAY') {
        throw new Error(`${type} values have no prefixes`);
      }
      const values = readDeltaBytes(reader, count);
      const other = values.find((value) => type !== 'BYTE_ARRAY' && value.length !== length);
      if (other !== undefined) throw new Error(`a value of ${other.length} bytes, not ${length}`);
      return values;
    }
    case 'BYTE_STREAM_SPLIT':
      return byteStreamSplit(reader, count, type, length) as Raw;
    default:
      throw new Error(`values are encoded as ${encoding}`);
  }
}
