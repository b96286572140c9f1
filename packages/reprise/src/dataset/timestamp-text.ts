// Timestamps as ISO 8601, as the core writes and reads them (core/dataset/value_text.h).

const second = 1_000_000n;
/** The Gregorian calendar comes again after so many years and seconds. */
const eraYears = 400;
const eraSeconds = 146_097n * 86_400n;

/** The text of a time in microseconds since 1970, an int64: "2012-01-01T00:00:00Z", with as many digits of
 * a second as it needs, and six of the year and a sign before 0000 and after 9999. */
export function timestampText(microseconds: bigint): string {
  const fraction = ((microseconds % second) + second) % second;
  const seconds = (microseconds - fraction) / second;
  // Dates of JavaScript reach less far than an int64: the same time of an era that they reach.
  const eras = seconds / eraSeconds;
  const date = new Date(Number(seconds % eraSeconds) * 1000);
  const year = date.getUTCFullYear() + eraYears * Number(eras);
  const digits = String(Math.abs(year));
  const years = year >= 0 && year <= 9999 ? digits.padStart(4, '0')
    : `${year < 0 ? '-' : '+'}${digits.padStart(6, '0')}`;
  // "-05-06T07:08:09" behind a year of whichever length.
  const rest = date.toISOString().slice(-20, -5);
  const part = fraction === 0n ? '' : `.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`;
  return `${years}${rest}${part}Z`;
}
