// Opens one file again and again so that its bytes can be reached anywhere.
import { isNode, nodeModule } from '../platform.js';
import { repriseError } from '../errors.js';
import { tell } from '../runtime.js';
import type { FileSource } from '../types/sources.js';
import { absoluteUrl } from './addresses.js';
import { checkAbort } from './download.js';
import { ioError, type Opened, type Request } from './files.js';
import { openRanges, type RangedFile } from './ranges.js';
import { join, type Listeners, readWhole } from './reading.js';

/** A file that can be read anywhere. */
export interface RandomAccessFile {
  /** In errors. */
  readonly name: string;
  readonly byteLength: number;
  readonly phase: 'download' | 'read';
  /** Bytes from `start` to before `end`. Errors: `io`, `network`, `aborted`. */
  slice(start: number, end: number): Promise<ArrayBuffer>;
  /** Ends the reading of what is still asked for. */
  close(): Promise<void>;
}

/** Opens the file, for one reading of it. */
export type OpenRandomAccess =
  (signal: AbortSignal | undefined, listeners: Listeners) => Promise<RandomAccessFile>;

/** How a file is opened, at once and later. Of what has an address the parts are fetched that are asked
 * for; where its server does not give them it is fetched whole, once, and kept; `onOpened` hears of its
 * first answer. Opening has the errors of `openFile`. */
export function randomAccess(
  source: FileSource, name: string, request: Request, onOpened?: (opened: Opened) => void,
): OpenRandomAccess {
  if (source instanceof Blob) return async () => ofBlob(source, name);
  if (typeof source !== 'string' && !(source instanceof URL)) {
    const bytes = source instanceof Uint8Array ? source : new Uint8Array(source);
    return async () => inMemory(bytes, name);
  }
  let remote: RangedFile | Uint8Array | undefined;
  return async (signal, listeners) => {
    const url = await absoluteUrl(source, 'source');
    if (url.startsWith('file:') && isNode()) return openPath(url, signal);
    checkAbort({ signal }, url);
    if (remote === undefined) {
      const opened = await openRanges(url, 'data', { ...request, signal });
      onOpened?.(opened);
      // Two readings may have begun to open it; each goes on with its own.
      remote = 'close' in opened ? await readWhole(opened, listeners) : opened;
    }
    return remote instanceof Uint8Array ? inMemory(remote, url) : ofRanges(remote, url, signal, listeners);
  };
}

function inMemory(bytes: Uint8Array, name: string): RandomAccessFile {
  return {
    name, byteLength: bytes.byteLength, phase: 'read', close: async () => undefined,
    slice: async (start, end) => bytes.slice(start, end).buffer as ArrayBuffer,
  };
}

function ofBlob(blob: Blob, name: string): RandomAccessFile {
  return {
    name, byteLength: blob.size, phase: 'read', close: async () => undefined,
    slice: (start, end) => blob.slice(start, end).arrayBuffer()
      .catch((thrown: unknown) => Promise.reject(ioError(name, thrown))),
  };
}

function ofRanges(
  file: RangedFile, url: string, signal: AbortSignal | undefined, listeners: Listeners,
): RandomAccessFile {
  const begin = performance.now();
  const ending = new AbortController();
  const end = () => ending.abort();
  signal?.addEventListener('abort', end);
  const onTelemetry = listeners.onTelemetry ?? [];
  let done = 0;
  return {
    name: url, byteLength: file.bytes, phase: 'download',
    async slice(start, stop) {
      const pieces: Uint8Array[] = [];
      if (start === stop) return new ArrayBuffer(0);
      const all = file.pieces(start, stop, ending.signal, (bytes, milliseconds) =>
        tell({ name: 'resume', milliseconds, bytes, file: url }, ...onTelemetry));
      for await (const piece of all) {
        pieces.push(piece);
        done += piece.byteLength;
      }
      return join(pieces).buffer;
    },
    async close() {
      signal?.removeEventListener('abort', end);
      end();
      tell({ name: 'download', milliseconds: performance.now() - begin, bytes: done, file: url }, ...onTelemetry);
    },
  };
}

async function openPath(url: string, signal: AbortSignal | undefined): Promise<RandomAccessFile> {
  const { open } = await nodeModule('fs/promises');
  const { fileURLToPath } = await nodeModule('url');
  const path = fileURLToPath(url);
  const failed = (thrown: unknown) => Promise.reject(ioError(path, thrown));
  const file = await open(path, 'r').catch(failed);
  const { size } = await file.stat().catch(async (thrown: unknown) => {
    await file.close();
    return failed(thrown);
  });
  return {
    name: path, byteLength: size, phase: 'read', close: () => file.close(),
    async slice(start, end) {
      checkAbort({ signal }, path);
      const bytes = new Uint8Array(Math.max(Math.min(end, size) - start, 0));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start).catch(failed);
      if (bytesRead === bytes.length) return bytes.buffer;
      throw repriseError('io', `${path} ends at byte ${start + bytesRead} of ${size}.`, { file: path });
    },
  };
}
