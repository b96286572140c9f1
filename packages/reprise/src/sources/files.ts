// Opens one file, wherever it is, as a stream of pieces.
import { repriseError, type RepriseError } from '../errors.js';
import { refuse } from '../options.js';
import { isNode, nodeModule } from '../platform.js';
import type { FetchOptions, FileSource } from '../types/sources.js';
import { absoluteUrl } from './addresses.js';
import { checkAbort, download } from './download.js';

/** Bytes that are read at a time from paths, blobs and buffers. */
const pieceBytes = 1 << 20;

const nothingToClose = (): Promise<void> => Promise.resolve();

/** What a file should hold; a page of HTML in its place is told apart. */
export type Expected = 'JSON' | 'safetensors' | 'data';

/** How files are opened. */
export interface Request extends FetchOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Bytes alone in their buffer, which whoever takes them may give away: of a view, a message copies all
 * that the buffer holds. */
export type Piece = Uint8Array<ArrayBuffer>;

/** Told that a download which broke off goes on, from which byte, and how long that took. */
export type ResumeListener = (byte: number, milliseconds: number) => void;

/** What the opening of a file tells of it. */
export interface Opened {
  /** Its size, where it is known beforehand. */
  readonly bytes: number | undefined;
  /** Of an address, those of its answer. */
  readonly headers?: Headers;
}

/** A file that can be read once. */
export interface OpenFile extends Opened {
  /** Its name in errors. */
  readonly name: string;
  readonly phase: 'download' | 'read';
  /** The content in order. Errors: `network`, `io`, `aborted`. */
  pieces(onResume: ResumeListener): AsyncIterable<Piece>;
  /** Lets go of a file whose pieces were not all taken. */
  close(): Promise<void>;
}

/** Opens a file. `name` is its name in errors where it has none of its own, `argument` what the caller
 * knows the source as. Errors: `not_found`, `network`, `cors`, `io`, `aborted`, `invalid_argument`. */
export async function openFile(
  source: FileSource, name: string, expected: Expected, request: Request, argument = name,
): Promise<OpenFile> {
  checkAbort(request, name);
  if (typeof source === 'string' || source instanceof URL) {
    const url = await absoluteUrl(source, argument);
    return url.startsWith('file:') && isNode()
      ? openPath(url, argument, request) : download(url, expected, request);
  }
  if (source instanceof Blob) return openBlob(source, name, request);
  if (source instanceof Uint8Array) return openBytes(source, name, request);
  if (source instanceof ArrayBuffer) return openBytes(new Uint8Array(source), name, request);
  throw refuse(argument, 'an address, a path, a Blob or bytes', source);
}

function openBytes(content: Uint8Array, name: string, request: Request): OpenFile {
  async function* pieces() {
    for (let at = 0; at < content.byteLength; at += pieceBytes) {
      checkAbort(request, name);
      yield new Uint8Array(content.subarray(at, at + pieceBytes));
    }
  }
  return { name, bytes: content.byteLength, phase: 'read', pieces, close: nothingToClose };
}

function openBlob(blob: Blob, name: string, request: Request): OpenFile {
  async function* pieces() {
    for (let at = 0; at < blob.size; at += pieceBytes) {
      checkAbort(request, name);
      try {
        yield new Uint8Array(await blob.slice(at, at + pieceBytes).arrayBuffer());
      } catch (thrown) {
        throw ioError(name, thrown);
      }
    }
  }
  return { name, bytes: blob.size, phase: 'read', pieces, close: nothingToClose };
}

async function openPath(url: string, argument: string, request: Request): Promise<OpenFile> {
  const { open } = await nodeModule('fs/promises');
  const { fileURLToPath } = await nodeModule('url');
  let path: string;
  try {
    path = fileURLToPath(url);
  } catch {
    throw refuse(argument, 'an address of a file on this machine', url);
  }
  let file: Awaited<ReturnType<typeof open>> | undefined;
  let size: number;
  try {
    file = await open(path, 'r');
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error('it is not a file');
    size = stat.size;
  } catch (thrown) {
    await file?.close();
    throw ioError(path, thrown);
  }
  const opened = file;
  const readAt = async (at: number): Promise<Piece> => {
    const piece = new Uint8Array(Math.min(pieceBytes, size - at));
    const { bytesRead } = await opened.read(piece, 0, piece.byteLength, at)
      .catch((thrown: unknown) => Promise.reject(ioError(path, thrown)));
    if (bytesRead === 0) throw ioError(path, `it ends at byte ${at} of ${size}`);
    return bytesRead === piece.byteLength ? piece : piece.slice(0, bytesRead);
  };
  async function* pieces() {
    let next: Promise<Piece> | undefined;
    try {
      for (let at = 0; at < size;) {
        checkAbort(request, path);
        const piece = await (next ?? readAt(at));
        at += piece.byteLength;
        // The next piece is read while the caller works on this one.
        next = at < size ? readAt(at) : undefined;
        next?.catch(() => undefined); // Heard of when it is its turn.
        yield piece;
      }
    } finally {
      await next?.catch(() => undefined);
      await opened.close();
    }
  }
  return {
    name: path, bytes: size, phase: 'read', pieces, close: () => opened.close(),
  };
}

/** The error of a file that cannot be read. */
export function ioError(file: string, thrown: unknown): RepriseError {
  const code = (thrown as { code?: unknown } | undefined)?.code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return repriseError('not_found', `There is no file ${file}.`, { file });
  }
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  return repriseError('io', `${file} cannot be read: ${words}`, { file });
}
