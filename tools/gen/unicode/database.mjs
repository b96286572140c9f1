// Reads the Unicode character database as Debian's package unicode-data ships it.
import { existsSync, readFileSync } from 'node:fs';

const database = '/usr/share/unicode';
export const codePoints = 0x110000;

export function read(name) {
  const path = `${database}/${name}`;
  if (!existsSync(path)) throw new Error(`${path} is missing: install the package unicode-data`);
  return readFileSync(path, 'utf8');
}

/** The lines `first[..last] ; value` of a file as {first, last, value}. */
export function* lines(name) {
  for (const line of read(name).split('\n')) {
    const match = /^([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*([\w.]+)/.exec(line);
    if (!match) continue;
    const first = parseInt(match[1], 16);
    yield { first, last: match[2] ? parseInt(match[2], 16) : first, value: match[3] };
  }
}

/** The code points of one property in a file of such lines. */
export function* withProperty(name, property) {
  for (const { first, last, value } of lines(name)) {
    if (value !== property) continue;
    for (let c = first; c <= last; c++) yield c;
  }
}

/** UnicodeData.txt as {first, last, fields}. */
export function* characters() {
  let rangeStart = -1;
  for (const line of read('UnicodeData.txt').split('\n')) {
    const fields = line.split(';');
    if (fields.length < 15) continue;
    const last = parseInt(fields[0], 16);
    if (fields[1].endsWith(', First>')) {
      rangeStart = last;
      continue;
    }
    yield { first: rangeStart >= 0 ? rangeStart : last, last, fields };
    rangeStart = -1;
  }
}

export function version() {
  return /^# Scripts-([\d.]+)\.txt/.exec(read('Scripts.txt'))[1];
}
