// Checks what callers pass: the types of options and arguments, and that no option is unknown.
// Ranges that the core knows are left to the core.
import { repriseError, type RepriseError } from './errors.js';

/** Checks one value and gives what was expected, or undefined where it is right. */
export type Check = (value: unknown) => string | undefined;

const a = (expected: string, test: (value: unknown) => boolean): Check =>
  (value) => (test(value) ? undefined : expected);

export const isFunction = a('a function', (value) => typeof value === 'function');
export const isBoolean = a('true or false', (value) => typeof value === 'boolean');
export const isString = a('a string', (value) => typeof value === 'string');
export const isNumber = a('a finite number', (value) => Number.isFinite(value));
export const isObject = a('an object', (value) => typeof value === 'object' && value !== null);
export const isAnything = a('anything', () => true);
export const isSignal = a('an AbortSignal', (value) => value instanceof AbortSignal);
export const isAddress = a('a string or a URL',
  (value) => typeof value === 'string' || value instanceof URL);
export const isTextList = a('an array of strings', (value) =>
  Array.isArray(value) && Array.from(value).every((text) => typeof text === 'string'));
export const isTexts = a('a string or an array of strings', (value) =>
  typeof value === 'string' || isTextList(value) === undefined);
export const isStringRecord = a('an object of strings', (value) =>
  typeof value === 'object' && value !== null && isTextList(Object.values(value)) === undefined);

/** An integer in a range. */
export function isInteger(least: number, most = Number.MAX_SAFE_INTEGER): Check {
  const words = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `${least} to ${most}`;
  return a(`an integer ${words}`, (value) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most);
}

/** One of these words. */
export function isOneOf(...words: readonly string[]): Check {
  return a(words.map((word) => `'${word}'`).join(' or '),
    (value) => words.includes(value as string));
}

/** The checks of LongOptions. */
export const longOptions = { signal: isSignal, onProgress: isFunction };

/** The checks of FetchOptions. */
export const fetchOptions = {
  headers: isStringRecord,
  credentials: isOneOf('omit', 'same-origin', 'include'),
  fetch: isFunction,
};

/** A value in words, short enough for a message. */
export function inWords(value: unknown): string {
  if (typeof value === 'string') {
    return value.length <= 60 ? JSON.stringify(value) : `${JSON.stringify(value.slice(0, 60))}…`;
  }
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) {
    return `an object (${value.constructor?.name ?? 'no class'})`;
  }
  return String(value);
}

/** The error of an argument outside what the call accepts. */
export function refuse(argument: string, expected: string, value: unknown): RepriseError {
  const found = inWords(value);
  return repriseError('invalid_argument', `${argument} must be ${expected}, found ${found}.`,
    { argument, expected, found });
}

/** Checks an argument. Errors: `invalid_argument`. */
export function checkArgument(name: string, value: unknown, check: Check): void {
  const expected = check(value);
  if (expected !== undefined) throw refuse(name, expected, value);
}

/** Checks options: each one known and of its type. `within` names the option that holds these,
 * of which some are needed.
 * Errors: `invalid_argument`, naming the option. */
export function checkOptions(
  options: unknown, checks: Readonly<Record<string, Check>>, within?: string,
  needed: readonly string[] = [],
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw refuse(within ?? 'options', 'an object', options);
  }
  const prefix = within === undefined ? '' : `${within}.`;
  for (const name of Object.keys(options)) {
    const value = (options as Record<string, unknown>)[name];
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) {
      throw repriseError('invalid_argument', `There is no option ` +
        `${JSON.stringify(`${prefix}${name}`)}; there are ${Object.keys(checks).join(', ')}.`,
      { argument: `${prefix}${name}` });
    }
    if (value !== undefined) checkArgument(`${prefix}${name}`, value, check);
  }
  for (const name of needed) {
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined) checkArgument(`${prefix}${name}`, value, checks[name] as Check);
  }
}

/** Ids of one list: a gigabyte of them, beyond any model's context. */
const mostIds = 2 ** 28;
const isCount = isInteger(0, mostIds);

/** Token ids, copied. Errors: `invalid_argument` for what is not a list of integers,
 * `token_out_of_range` for integers that no vocabulary has. */
export function checkIds(argument: string, ids: ArrayLike<number>): Int32Array {
  if (typeof ids !== 'object' || ids === null) throw refuse(argument, 'a list of token ids', ids);
  checkArgument(`${argument}.length`, ids.length, isCount);
  const copy = new Int32Array(ids.length);
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i];
    if (!Number.isSafeInteger(id)) throw refuse(`${argument}[${i}]`, 'an integer', id);
    if ((id as number) < 0 || (id as number) > 0x7fffffff) {
      throw repriseError('token_out_of_range', `${argument}[${i}] is ${id}, which is no token id.`,
        { argument, position: i, found: id as number });
    }
    copy[i] = id as number;
  }
  return copy;
}
