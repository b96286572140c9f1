// Texts of values that have no type of their own in datasets, and of all of them in JSON. Timestamps and
// bytes are written as the core writes them (core/dataset/value_text.h).
import { Unfit } from './errors.js';

/** A decimal number with `scale` digits behind its point. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** "8-4-4-4-12" hexadecimal digits (RFC 9562). */
export function uuidText(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map(([from, to]) => hex.slice(from, to)).join('-');
}

const two = (value: bigint) => String(value).padStart(2, '0');

/** "12:34:56.789", of a time of day. */
export function timeText(nanos: bigint, digits: number): string | Unfit {
  const seconds = nanos / 1_000_000_000n;
  if (nanos < 0n || seconds >= 86_400n) return new Unfit('a time of a day', `${nanos} ns`);
  const fraction = String(nanos % 1_000_000_000n).padStart(9, '0').slice(0, digits);
  return `${two(seconds / 3600n)}:${two(seconds / 60n % 60n)}:${two(seconds % 60n)}.${fraction}`;
}

/** "2012-01-01T00:00:00Z" in quotes, with as many digits of a second as it needs. */
export function timestampText(micros: bigint): string | Unfit {
  const seconds = (micros - ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n) / 1_000_000n;
  // From the year 1 to the end of the year 9999.
  if (seconds < -62_135_596_800n || seconds >= 253_402_300_800n) {
    return new Unfit('a time of the years 0001 to 9999', `${micros} µs`);
  }
  const fraction = String(micros - seconds * 1_000_000n).padStart(6, '0').replace(/0+$/, '');
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `"${whole}${fraction === '' ? '' : `.${fraction}`}Z"`;
}

/** A number as JSON writes it, which reads as the same one. */
export function jsonNumber(value: number): string | Unfit {
  if (!Number.isFinite(value)) return new Unfit('a number that JSON can write', String(value));
  return Object.is(value, -0) ? '-0' : String(value);
}

const slice = 2 ** 13;
/** Base64 (RFC 4648, section 4) in quotes. */
export function base64Text(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += slice) {
    binary += String.fromCharCode(...bytes.subarray(at, at + slice));
  }
  return `"${btoa(binary)}"`;
}
