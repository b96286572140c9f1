// Where a dataset's bytes come from: files, streams and rows of JavaScript, decompressed on the way.
import { abortedError, repriseError } from '../errors.js';
import { mainRuntime } from '../main-runtime.js';
import { refuse } from '../options.js';
import { isNode } from '../platform.js';
import { hasScheme } from '../sources/addresses.js';
import { checkAbort } from '../sources/download.js';
import { ioError, type OpenFile, openFile, type Piece, type Request } from '../sources/files.js';
import { type OpenRandomAccess, randomAccess } from '../sources/random-access.js';
import { type Listeners, read } from '../sources/reading.js';
import type { DatasetFormat, DatasetSource, LoadDatasetOptions } from '../types/dataset.js';
import type { LongOptions } from '../types/long-work.js';
import type { FileSource } from '../types/sources.js';
import { decompressed } from './decompress.js';
import { FileIdentity, once, rowsIdentity } from './identity.js';
import { rowPieces, rowsName } from './row-json.js';
import { RowKinds } from './row-kinds.js';
import type { Identity } from './sequence.js';
import { Measure } from './whole-body.js';

/** A file of a dataset. */
export interface DataFile {
  /** In errors. */
  readonly name: string;
  /** What it is, for cursors. */
  readonly identity: Identity;
  /** Its text, from the beginning. Errors: those of reading; `invalid_argument` where it can be read
   * once only and was. */
  open(long: LongOptions): AsyncIterable<Piece>;
  /** Ends a source that can be read only once, and was not read to its end. Absent: there is none. */
  close?(): Promise<void>;
  /** Whether the text is made on the way, so that a byte of it is no place that anybody knows. */
  readonly isMade?: boolean;
  /** Said behind the error of a row of such a text: what can be done. */
  readonly hint?: string;
  /** Opens its bytes to be reached anywhere. Absent of what comes once. */
  readonly access?: OpenRandomAccess;
  /** Of rows of JavaScript: what JSON does not tell of them. */
  readonly kinds?: RowKinds;
}

/** The files of a source, and what tells their format: names, which are none of files without one, or
 * the source's kind. */
export interface DataFiles {
  readonly files: readonly DataFile[];
  readonly names: readonly string[];
  readonly format?: DatasetFormat;
}

type Rows = Iterable<unknown> | AsyncIterable<unknown>;

const isIterable = (value: unknown): value is Rows =>
  typeof value === 'object' && value !== null &&
  (Symbol.iterator in value || Symbol.asyncIterator in value);

const isFile = (value: unknown): value is FileSource =>
  typeof value === 'string' || value instanceof URL || value instanceof Blob ||
  value instanceof Uint8Array || value instanceof ArrayBuffer;

/** Tells what a source is. Errors: `invalid_argument`. */
export function dataFiles(source: DatasetSource, options: LoadDatasetOptions): DataFiles {
  if (isFile(source)) return filesOf([source], options);
  if (source instanceof ReadableStream) {
    if (source.locked) throw refuse('source', 'a stream that nobody else reads', 'a locked one');
    return { files: [onceFile(streamSource(source), options.compression)], names: [] };
  }
  if (Array.isArray(source) && source.length > 0 && source.every(isFile)) {
    return filesOf(source as readonly FileSource[], options);
  }
  if (isIterable(source)) return { files: [rowsFile(source)], names: [], format: 'jsonl' };
  throw refuse('source', 'a file, files, a stream, or an iterable of rows', source);
}

/** The name that tells the format, of an address without what comes behind its path; in names of files
 * ? and # are characters like others. */
function formatName(source: FileSource, name: string): string {
  const isAddress = source instanceof URL ||
    (typeof source === 'string' && (hasScheme(source) || !isNode()));
  return isAddress ? name.replace(/[?#].*$/, '') : name;
}

function nameOf(source: FileSource, at: number, of: number): string {
  if (typeof source === 'string') return source;
  if (source instanceof URL) return source.href;
  const name = (source as { name?: unknown }).name;
  if (typeof name === 'string') return name;
  return of === 1 ? 'the source' : `source[${at}]`;
}

function filesOf(sources: readonly FileSource[], options: LoadDatasetOptions): DataFiles {
  const named = sources.map((source, i) => ({ source, name: nameOf(source, i, sources.length) }));
  const files = named.map(({ source, name }): DataFile => {
    const request = requestOf(options);
    const identity = new FileIdentity(source, name, request);
    return {
      name, identity: identity.known,
      access: randomAccess(source, name, request, (opened) => identity.hear(opened)),
      open: (long) => filePieces(source, name, options, long, identity),
    };
  });
  return { files, names: named.map(({ source, name }) => formatName(source, name)) };
}

/** How the files at addresses are asked for. */
export function requestOf(
  { headers, credentials, fetch }: LoadDatasetOptions, signal?: AbortSignal,
): Request {
  return {
    signal,
    ...(headers === undefined ? {} : { headers }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(fetch === undefined ? {} : { fetch }),
  };
}

/** Who hears of the reading of files. */
export async function listenersOf({ onProgress }: LongOptions): Promise<Listeners> {
  const { options } = await mainRuntime.get();
  return {
    ...(onProgress === undefined ? {} : { onProgress }), onTelemetry: [options.onTelemetry],
  };
}

async function* filePieces(
  source: FileSource, name: string, options: LoadDatasetOptions, long: LongOptions,
  identity: FileIdentity,
): AsyncGenerator<Piece> {
  // What an own fetch asks for nobody measures.
  const measure = options.fetch === undefined ? new Measure() : undefined;
  let file: OpenFile | undefined;
  try {
    file = await openFile(source, name, 'data', requestOf(options, long.signal), 'source');
    identity.hear(file);
    const pieces = read(file, await listenersOf(long));
    yield* decompressed(measure?.whole(pieces, file) ?? pieces, options.compression, name);
  } finally {
    measure?.end();
    await file?.close();
  }
}

/** Bytes that come once. */
interface OnceSource {
  readonly name: string;
  readonly pieces: AsyncGenerator<Piece>;
  /** Ends a wait for the next piece. */
  cancel(): Promise<void>;
  readonly isMade?: boolean;
}

/** A file whose bytes come once. What was looked at ahead is given again. */
function onceFile(source: OnceSource, compression: LoadDatasetOptions['compression']): DataFile {
  const { name, isMade = false } = source;
  const text = decompressed(source.pieces, compression, name);
  let kept: Piece[] | undefined = [];
  let isDone = false;
  let isClosed = false;
  const close = async () => {
    kept = undefined;
    isClosed = true;
    await source.cancel();
    await text.return(undefined);
  };
  async function* pieces(isSample: boolean): AsyncGenerator<Piece> {
    if (kept === undefined) {
      throw repriseError('invalid_argument',
        `${name} can be read only once, and was; give a file, or keep its rows with cache().`,
        { argument: 'source' });
    }
    const ahead = kept;
    if (!isSample) kept = undefined;
    // What is given may be given away.
    for (const piece of ahead) yield isSample ? piece.slice() : piece;
    while (!isDone) {
      const next = await text.next();
      if (isClosed) throw abortedError(`Reading ${name}`);
      isDone = next.done === true;
      if (next.done === true) return;
      if (isSample) ahead.push(next.value);
      yield isSample ? next.value.slice() : next.value;
    }
  }
  async function* open(isSample: boolean, signal: AbortSignal | undefined): AsyncGenerator<Piece> {
    checkAbort({ signal }, name);
    const isFirst = kept !== undefined;
    const abort = () => {
      close().catch(() => undefined);
    };
    signal?.addEventListener('abort', abort);
    try {
      yield* pieces(isSample);
    } finally {
      signal?.removeEventListener('abort', abort);
      // What comes after a sample needs the source.
      if (!isSample && isFirst) await close();
    }
  }
  return {
    name, identity: { once: name }, isMade, close,
    open: (long) => open((long as SampleOptions).isSample === true, long.signal),
  };
}

/** Told to files that are opened to look at their beginning only. */
export interface SampleOptions extends LongOptions {
  readonly isSample?: boolean;
}

function streamSource(stream: ReadableStream<Uint8Array>): OnceSource {
  const name = 'the stream';
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  async function* pieces(): AsyncGenerator<Piece> {
    reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read()
        .catch((thrown: unknown) => Promise.reject(ioError(name, thrown)));
      if (done) return;
      if (!(value instanceof Uint8Array)) throw refuse('source', 'a stream of Uint8Array', value);
      yield new Uint8Array(value);
    }
  }
  return {
    name, pieces: pieces(),
    // Those who cancel have left: what its source says of that is nothing to them.
    cancel: () => (reader ?? stream).cancel().catch(() => undefined),
  };
}

/** Rows of JavaScript as JSON Lines. Those of an array can be read again. */
function rowsFile(rows: Rows): DataFile {
  const kinds = new RowKinds();
  const pieces = () => rowPieces(rows, { seen: (row) => kinds.add(row) });
  const made = { name: rowsName, isMade: true };
  if (Array.isArray(rows)) {
    return { ...made, identity: once(() => rowsIdentity(rows)), open: pieces, kinds };
  }
  return { ...onceFile({ ...made, pieces: pieces(), cancel: async () => undefined }, 'none'), kinds };
}
