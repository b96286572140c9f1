// What a cursor knows of the data that it stands in: evidence of a source's content, which is the same in
// every process and on every machine, so that a cursor goes on behind a copy or a download and not
// behind a change. docs/datasets.md says what of each source is held.
import { abortedError } from '../errors.js';
import { isNode } from '../platform.js';
import { absoluteUrl } from '../sources/addresses.js';
import { type Opened, openFile, type Piece, type Request } from '../sources/files.js';
import { randomAccess, type RandomAccessFile } from '../sources/random-access.js';
import { isStrong } from '../sources/resume.js';
import type { FileSource } from '../types/sources.js';
import { hashOfPieces } from './hash-pieces.js';
import { linePieces, rowJson } from './row-json.js';
import type { JsonValue } from './sequence.js';

/** Work that several wait for. */
interface Shared<T> {
  readonly result: Promise<T>;
  readonly end: AbortController;
  waiting: number;
}

/** Works once for all who ask, and again where it failed. Whoever aborts waits no longer (error: `aborted`);
 * the work itself is aborted where nobody waits for it any more. */
export function once<T>(
  work: (signal: AbortSignal) => Promise<T>,
): (signal?: AbortSignal) => Promise<T> {
  let shared: Shared<T> | undefined;
  const begin = (): Shared<T> => {
    const end = new AbortController();
    const begun = { result: work(end.signal), end, waiting: 0 };
    begun.result.catch(() => forget(begun));
    return begun;
  };
  const forget = (begun: Shared<T>) => {
    if (shared === begun) shared = undefined;
  };
  return async (signal) => {
    const aborted = () => abortedError('Looking at the source');
    if (signal?.aborted === true) throw aborted();
    const one = shared ??= begin();
    one.waiting++;
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(aborted());
        if (--one.waiting > 0) return;
        forget(one);
        one.end.abort();
      };
      signal?.addEventListener('abort', leave);
      one.result.then(resolve, reject).finally(() => signal?.removeEventListener('abort', leave));
    });
  };
}

/** Blocks of a file that are looked at, at equal distances, the first and the last among them. */
const blocks = 16;
const blockBytes = 1 << 16;

async function* blocksOf(file: RandomAccessFile): AsyncGenerator<Piece> {
  const last = file.byteLength - blockBytes;
  const distance = Math.max(last / (blocks - 1), blockBytes);
  for (let i = 0; i < blocks && i * blockBytes < file.byteLength; i++) {
    const begin = Math.floor(i * distance);
    yield new Uint8Array(await file.slice(begin, Math.min(begin + blockBytes, file.byteLength)));
  }
}

/** What is held of an answer. */
interface Answer {
  readonly bytes: number | null;
  readonly version: string | null;
}

/** What an answer says of which content it is of: a strong ETag, else its Last-Modified, else a weak
 * ETag. */
function versionOf(headers: Headers | undefined): string | null {
  const etag = headers?.get('etag') ?? null;
  return etag !== null && isStrong(etag) ? etag : headers?.get('last-modified') ?? etag;
}

/** Evidence of a file's content. */
export class FileIdentity {
  readonly #source: FileSource;
  readonly #name: string;
  readonly #request: Request;
  /** An opening of an address, which tells of its content. */
  #opened: Answer | undefined;

  constructor(source: FileSource, name: string, request: Request) {
    this.#source = source;
    this.#name = name;
    this.#request = request;
  }

  /** Hears of an opening, so that nobody has to be asked again. */
  hear({ bytes, headers }: Opened): void {
    this.#opened ??= { bytes: bytes ?? null, version: versionOf(headers) };
  }

  readonly known = once((signal) => this.#look(signal));

  async #look(signal: AbortSignal): Promise<JsonValue> {
    const source = this.#source;
    if (typeof source !== 'string' && !(source instanceof URL)) return this.#content(signal);
    const url = await absoluteUrl(source, 'source');
    // Behind these is a file, or a Blob whose address is another in every process.
    const isHere = /^(blob|data):/.test(url) || (url.startsWith('file:') && isNode());
    return isHere ? this.#content(signal) : this.#answer(url, signal);
  }

  async #content(signal: AbortSignal): Promise<JsonValue> {
    const file = await randomAccess(this.#source, this.#name, this.#request)(signal, {});
    try {
      return { bytes: file.byteLength, blocks: await hashOfPieces(blocksOf(file)) };
    } finally {
      await file.close();
    }
  }

  async #answer(url: string, signal: AbortSignal): Promise<JsonValue> {
    if (this.#opened === undefined) {
      const file = await openFile(url, this.#name, 'data', { ...this.#request, signal }, 'source');
      await file.close();
      this.hear(file);
    }
    const { bytes, version } = this.#opened as Answer;
    // A query may be another one each time, as in signed addresses; without a version it may say which.
    const address = version === null ? url.replace(/#.*$/, '') : url.replace(/[?#].*$/, '');
    return version !== null && isStrong(version) ? { address, version } : { address, version, bytes };
  }
}

/** Rows of an array that are looked at. */
const mostRows = 4096;

/** Evidence of rows in memory: of so many at equal distances, the first and the last among them. */
export async function rowsIdentity(rows: readonly unknown[]): Promise<JsonValue> {
  const count = Math.min(rows.length, mostRows);
  const distance = count < 2 ? 1 : (rows.length - 1) / (count - 1);
  async function* lines(): AsyncGenerator<string> {
    for (let i = 0; i < count; i++) {
      const at = Math.floor(i * distance);
      yield rowJson(rows[at], at);
    }
  }
  return { rows: rows.length, lines: await hashOfPieces(linePieces(lines())) };
}
