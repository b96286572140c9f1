// Hashes of JSON values.
import { mainRuntime } from './main-runtime.js';
import { refuse } from './options.js';

/** SHA-256 of the RFC 8785 form of a JSON value, 64 lower-case hexadecimal digits. What
 * `JSON.stringify` leaves out, such as members that are undefined, is no part of it. Errors:
 * `invalid_argument` for what JSON has not, such as NaN and bigint; `invalid_json` for lone
 * surrogates and nesting deeper than 256. */
export async function hashJson(value: unknown): Promise<string> {
  const json = jsonOf(value);
  const { client } = await mainRuntime.get();
  return client.call('hashJson', { json });
}

/** A value as JSON; `argument` is its name in errors. Errors: `invalid_argument`. */
export function jsonOf(value: unknown, argument = 'value'): string {
  const check = (name: string, member: unknown): unknown => {
    if (typeof member === 'bigint' || (typeof member === 'number' && !Number.isFinite(member))) {
      throw refuse(name === '' ? argument : name, 'a value that JSON has', member);
    }
    return member;
  };
  let json: string | undefined;
  try {
    json = JSON.stringify(value, check) as string | undefined;
  } catch (thrown) {
    // Values that hold themselves.
    throw thrown instanceof TypeError ? refuse(argument, 'a value that JSON has', value) : thrown;
  }
  if (json === undefined) throw refuse(argument, 'a value that JSON has', value);
  return json;
}
