// Text that comes from files and standard input: whole, or as JSON Lines. Bytes that are not UTF-8
// are an error that names the line, never U+FFFD.
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { addAbortSignal } from 'node:stream';

import { quoted } from './arguments.js';
import { fileError, InputError, UsageError } from './failure.js';

const lineEnd = 0x0a;
// A text or line has to fit into one JavaScript string, of at most 2^29 - 24 units.
const mostTextBytes = 256 * 1024 * 1024;

/** One value of a JSON Lines file. */
export interface JsonLine {
  /** From 1. */
  readonly line: number;
  readonly value: unknown;
}

/** The name of a file in messages; '-' is standard input. */
export function inputName(file: string): string {
  return file === '-' ? 'standard input' : file;
}

function open(file: string, signal: AbortSignal): Readable {
  return addAbortSignal(signal, file === '-' ? process.stdin : createReadStream(file));
}

function decode(bytes: Uint8Array, place: string, fields: Record<string, string | number>): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InputError('invalid_argument', `${place}: expected UTF-8, found other bytes`, fields);
  }
}

/** All of standard input. `argument` is what asked for it. */
export async function readStandardInput(argument: string, signal: AbortSignal): Promise<string> {
  if (process.stdin.isTTY) {
    throw new UsageError(`${argument}: expected a text, or one piped to standard input`, argument);
  }
  return readText('-', signal);
}

/** All of a text file. */
export async function readText(file: string, signal: AbortSignal): Promise<string> {
  const name = inputName(file);
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of open(file, signal)) {
      pieces.push(piece as Buffer);
      bytes += (piece as Buffer).length;
      if (bytes > mostTextBytes) {
        throw new InputError(
          'unsupported', `${name}: expected a text of at most ${mostTextBytes} bytes`,
          { file: name });
      }
    }
  } catch (error) {
    throw fileError(error, name);
  }
  return decode(Buffer.concat(pieces), name, { file: name });
}

/** The value of each line, in order. An empty line or one that is not JSON is an error. */
export async function* readJsonLines(file: string, signal: AbortSignal): AsyncGenerator<JsonLine> {
  let line = 0;
  for await (const bytes of readLines(file, signal)) {
    line++;
    const place = `${inputName(file)}:${line}`;
    const fields = { file: inputName(file), line };
    let text = decode(bytes, place, fields);
    if (line === 1 && text.startsWith('\ufeff')) text = text.slice(1);
    if (text.trim() === '') {
      throw new InputError(
        'invalid_json', `${place}: expected a JSON value, found an empty line`, fields);
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new InputError('invalid_json', `${place}: not JSON: ${quoted(text.trim())}`, fields);
    }
    yield { line, value };
  }
}

/** The lines of a text file, with their ends. */
export async function* readTextLines(file: string, signal: AbortSignal): AsyncGenerator<string> {
  let line = 0;
  for await (const bytes of readLines(file, signal, true)) {
    line++;
    yield decode(bytes, `${inputName(file)}:${line}`, { file: inputName(file), line });
  }
}

async function* readLines(
  file: string, signal: AbortSignal, keepEnds = false,
): AsyncGenerator<Uint8Array> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let line = 1;
  try {
    for await (const piece of open(file, signal)) {
      let rest = piece as Buffer;
      for (let end = rest.indexOf(lineEnd); end !== -1; end = rest.indexOf(lineEnd)) {
        pending.push(rest.subarray(0, keepEnds ? end + 1 : end));
        yield Buffer.concat(pending);
        rest = rest.subarray(end + 1);
        pending = [];
        pendingBytes = 0;
        line++;
      }
      pending.push(rest);
      pendingBytes += rest.length;
      if (pendingBytes > mostTextBytes) {
        throw new InputError(
          'unsupported',
          `${inputName(file)}:${line}: expected lines of at most ${mostTextBytes} bytes`,
          { file: inputName(file), line });
      }
    }
  } catch (error) {
    throw fileError(error, inputName(file));
  }
  const last = Buffer.concat(pending);
  if (last.length > 0) yield last;
}
