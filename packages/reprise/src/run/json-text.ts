// The texts of records and run configs, wherever they come from.
import { refuse } from '../options.js';
import { openFile, type Request } from '../sources/files.js';
import { readWhole } from '../sources/reading.js';

/** A text and its name in errors. */
export interface JsonText {
  readonly json: Uint8Array;
  readonly file: string;
}

/** The text of a file, or of an object that is called `name` in errors; undefined members are no part
 * of it. Errors: those of reading files; `invalid_argument` for what is neither. */
export async function textOf(source: unknown, name: string, request: Request = {}): Promise<JsonText> {
  if (typeof source === 'string' || source instanceof URL || source instanceof Blob ||
      source instanceof Uint8Array || source instanceof ArrayBuffer) {
    const file = await openFile(source, name, 'JSON', request);
    return { json: await readWhole(file, {}), file: file.name };
  }
  try {
    if (typeof source === 'object' && source !== null) {
      return { json: new TextEncoder().encode(JSON.stringify(source)), file: name };
    }
  } catch {
    // What holds itself, and bigints.
  }
  throw refuse(name, 'an object of JSON or a file that holds one', source);
}

/** The value of a text that the core has checked. */
export function valueOf<T>({ json }: JsonText): T {
  return JSON.parse(new TextDecoder().decode(json)) as T;
}

/** Whether a text is none but begins as a zip does: a bundle. */
export function isBundle({ json }: JsonText): boolean {
  return [0x50, 0x4b, 3, 4].every((byte, i) => json[i] === byte);
}
