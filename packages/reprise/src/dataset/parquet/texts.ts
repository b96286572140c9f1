// Texts of values that have no type of their own in datasets, and of numbers in JSON.
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

/** A number as JSON writes it, which reads as the same one. */
export function jsonNumber(value: number): string | Unfit {
  if (!Number.isFinite(value)) return new Unfit('a number that JSON can write', String(value));
  return Object.is(value, -0) ? '-0' : String(value);
}
