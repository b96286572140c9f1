// Opens one file so that its bytes can be reached anywhere.
import { abortedError, repriseError } from '../errors.js';
import { isNode, nodeModule } from '../platform.js';
import type { FileSource } from '../types/sources.js';
import { absoluteUrl } from './addresses.js';
import { ioError, openFile, type Request } from './files.js';
import { type Listeners, readWhole } from './reading.js';

/** A file that can be read anywhere. */
export interface RandomAccessFile {
  /** In errors. */
  readonly name: string;
  readonly byteLength: number;
  /** Bytes from `start` to before `end`. Errors: `io`, `aborted`. */
  slice(start: number, end: number): Promise<ArrayBuffer>;
  close(): Promise<void>;
}

/** Opens a file. What has an address is fetched whole. Errors: those of `openFile`. */
export async function openRandomAccess(
  source: FileSource, name: string, request: Request, listeners: Listeners,
): Promise<RandomAccessFile> {
  if (source instanceof Blob) {
    return {
      name, byteLength: source.size, close: async () => undefined,
      slice: (start, end) => source.slice(start, end).arrayBuffer()
        .catch((thrown: unknown) => Promise.reject(ioError(name, thrown))),
    };
  }
  if (typeof source === 'string' || source instanceof URL) {
    const url = await absoluteUrl(source, 'source');
    if (url.startsWith('file:') && isNode()) return openPath(url, request);
    const file = await openFile(url, name, 'data', request, 'source');
    return inMemory(await readWhole(file, listeners), name);
  }
  return inMemory(source instanceof Uint8Array ? source : new Uint8Array(source), name);
}

function inMemory(bytes: Uint8Array, name: string): RandomAccessFile {
  return {
    name, byteLength: bytes.byteLength, close: async () => undefined,
    slice: async (start, end) => bytes.slice(start, end).buffer as ArrayBuffer,
  };
}

async function openPath(url: string, request: Request): Promise<RandomAccessFile> {
  const { open } = await nodeModule('fs/promises');
  const { fileURLToPath } = await nodeModule('url');
  const path = fileURLToPath(url);
  const file = await open(path, 'r')
    .catch((thrown: unknown) => Promise.reject(ioError(path, thrown)));
  const { size } = await file.stat();
  return {
    name: path, byteLength: size, close: () => file.close(),
    async slice(start, end) {
      if (request.signal?.aborted === true) throw abortedError(`Reading ${path}`);
      const bytes = new Uint8Array(Math.max(Math.min(end, size) - start, 0));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
        .catch((thrown: unknown) => Promise.reject(ioError(path, thrown)));
      if (bytesRead === bytes.length) return bytes.buffer;
      throw repriseError('io', `${path} ends at byte ${start + bytesRead} of ${size}.`, { file: path });
    },
  };
}
