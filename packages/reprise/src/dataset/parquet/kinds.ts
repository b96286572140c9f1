// What a Parquet column's values become, by its physical and its logical type, with nothing lost: 64-bit
// integers stay bigints, decimals become texts.
import type { SchemaElement } from 'hyparquet';
import type { FieldType, Value } from '../../types/dataset.js';
import { base64 } from '../row-json.js';
import { timestampText } from '../timestamp-text.js';
import { Unfit } from './errors.js';
import { decimalText, jsonNumber, timeText, uuidText } from './texts.js';

/** How values of one column are read. */
export interface Kind {
  readonly type: FieldType;
  /** From what is stored. */
  of(raw: unknown): Value | Unfit;
  /** The JSON text of a value, for those within lists of groups and the like. */
  json(value: Value): string | Unfit;
}

/** Integers that int64 holds. */
const fitsInt64 = (value: bigint) => BigInt.asIntN(64, value) === value;

const asJsonString = (value: Value) => JSON.stringify(value);
const asDigits = (value: Value) => String(value);

/** Microseconds, where nothing is lost. */
const micros = (value: bigint): bigint | Unfit =>
  fitsInt64(value) ? value : new Unfit('a time whose microseconds fit int64', `${value} µs`);

/** Microseconds of nanoseconds, where nothing is lost. */
const microsOfNanos = (nanos: bigint): bigint | Unfit =>
  nanos % 1000n === 0n ? micros(nanos / 1000n) : new Unfit('a time in whole microseconds', `${nanos} ns`);

const timestamp = (of: (raw: never) => bigint | Unfit): Kind =>
  ({ type: 'timestamp', of: of as Kind['of'], json: (value) => `"${timestampText(value as bigint)}"` });
const text = (of: (raw: never) => string | Unfit): Kind =>
  ({ type: 'string', of: of as Kind['of'], json: asJsonString });
const float = (type: 'float32' | 'float64', of: (raw: never) => number): Kind =>
  ({ type, of: of as Kind['of'], json: jsonNumber as Kind['json'] });
const same = (raw: unknown) => raw as Value;

/** The integer of two's complement, the highest byte first. */
function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = value << 8n | BigInt(byte);
  return BigInt.asIntN(8 * bytes.length, value);
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
function utf8(bytes: Uint8Array): string | Unfit {
  try {
    return decoder.decode(bytes);
  } catch {
    return new Unfit('a string in UTF-8', `${bytes.length} other bytes`);
  }
}

/** A half-precision float (IEEE 754), which a float32 holds exactly. */
function float16(bytes: Uint8Array): number {
  const half = (bytes[1] as number) << 8 | (bytes[0] as number);
  const exponent = half >> 10 & 31;
  const fraction = half & 1023;
  const size = exponent === 31 ? (fraction === 0 ? Infinity : NaN)
    : exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return half & 0x8000 ? -size : size;
}

/** Spark's and Impala's old times: the nanoseconds of a day, and the day in the Julian calendar, which
 * begins at noon but is counted from midnight here. */
function int96(bytes: Uint8Array): bigint | Unfit {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const days = BigInt(view.getInt32(8, true)) - 2_440_588n;
  return microsOfNanos(days * 86_400_000_000_000n + view.getBigInt64(0, true));
}

const kinds = {
  bool: { type: 'bool', of: same, json: asDigits },
  int32: { type: 'int32', of: same, json: asDigits },
  uint32: { type: 'int64', of: (raw) => BigInt((raw as number) >>> 0), json: asDigits },
  int64: { type: 'int64', of: same, json: asDigits },
  uint64: {
    type: 'int64',
    of: (raw) => (raw as bigint) < 0n
      ? new Unfit('an integer that fits int64', String(BigInt.asUintN(64, raw as bigint)))
      : raw as bigint,
    json: asDigits,
  },
  float32: float('float32', (raw: number) => raw),
  float64: float('float64', (raw: number) => raw),
  float16: float('float32', float16),
  string: text(utf8),
  // A copy: what is stored lies in one buffer with its neighbours.
  bytes: {
    type: 'bytes', of: (raw) => (raw as Uint8Array).slice(), json: (value) => `"${base64(value as Uint8Array)}"`,
  },
  uuid: text(uuidText),
  date: timestamp((days: number) => micros(BigInt(days) * 86_400_000_000n)),
  int96: timestamp(int96),
} satisfies Record<string, Kind>;

/** Nanoseconds of a stored unit. */
const nanosOf = { MILLIS: 1_000_000n, MICROS: 1000n, NANOS: 1n };

/** A text of the time of day, with the digits of its unit. */
const timeOfDay = (unit: keyof typeof nanosOf): Kind => text((raw: number | bigint) =>
  timeText(BigInt(raw) * nanosOf[unit], { MILLIS: 3, MICROS: 6, NANOS: 9 }[unit]));

const timestampIn = (unit: keyof typeof nanosOf): Kind => timestamp(
  unit === 'NANOS' ? microsOfNanos : (raw: bigint) => micros(raw * nanosOf[unit] / 1000n));

/** Longer ones are no numbers, and take the square of their length to convert. */
const mostDecimalBytes = 1024;

const decimal = (scale: number): Kind => text((raw: number | bigint | Uint8Array) => {
  if (!(raw instanceof Uint8Array)) return decimalText(BigInt(raw), scale);
  if (raw.length <= mostDecimalBytes) return decimalText(bigEndian(raw), scale);
  return new Unfit(`a decimal number of at most ${mostDecimalBytes} bytes`, String(raw.length));
});

function integerKind(element: SchemaElement): Kind {
  const { type, converted_type: converted, logical_type: logical, scale = 0 } = element;
  const wide = type === 'INT64';
  switch (logical?.type ?? converted) {
    case 'DECIMAL':
      return decimal(logical?.type === 'DECIMAL' ? logical.scale ?? scale : scale);
    case 'DATE':
      return wide ? kinds.int64 : kinds.date;
    case 'TIME':
      return timeOfDay((logical as { unit: keyof typeof nanosOf }).unit);
    case 'TIME_MILLIS':
      return timeOfDay('MILLIS');
    case 'TIME_MICROS':
      return timeOfDay('MICROS');
    case 'TIMESTAMP':
      return wide ? timestampIn((logical as { unit: keyof typeof nanosOf }).unit) : kinds.int32;
    case 'TIMESTAMP_MILLIS':
      return wide ? timestampIn('MILLIS') : kinds.int32;
    case 'TIMESTAMP_MICROS':
      return wide ? timestampIn('MICROS') : kinds.int32;
    default: {
      const isUnsigned = logical?.type === 'INTEGER'
        ? !logical.isSigned : converted === 'UINT_32' || converted === 'UINT_64';
      const bits = logical?.type === 'INTEGER' ? logical.bitWidth : wide ? 64 : 32;
      if (!wide) return isUnsigned && bits === 32 ? kinds.uint32 : kinds.int32;
      return isUnsigned ? kinds.uint64 : kinds.int64;
    }
  }
}

function bytesKind(element: SchemaElement): Kind {
  const { type, type_length: length, converted_type: converted, logical_type: logical, scale = 0 } = element;
  const isFixed = type === 'FIXED_LEN_BYTE_ARRAY';
  switch (logical?.type ?? converted) {
    case 'DECIMAL':
      return decimal(logical?.type === 'DECIMAL' ? logical.scale ?? scale : scale);
    case 'STRING':
    case 'UTF8':
    case 'ENUM':
    case 'JSON':
      return kinds.string;
    case 'UUID':
      return isFixed && length === 16 ? kinds.uuid : kinds.bytes;
    case 'FLOAT16':
      return isFixed && length === 2 ? kinds.float16 : kinds.bytes;
    default:
      return kinds.bytes;
  }
}

/** How a column's values are read: annotations that do not belong to its type are passed over, as the
 * format demands of unknown ones. */
export function kindOf(element: SchemaElement): Kind | undefined {
  switch (element.type) {
    case 'BOOLEAN': return kinds.bool;
    case 'INT32':
    case 'INT64': return integerKind(element);
    case 'INT96': return kinds.int96;
    case 'FLOAT': return kinds.float32;
    case 'DOUBLE': return kinds.float64;
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY': return bytesKind(element);
    default: return undefined;
  }
}
