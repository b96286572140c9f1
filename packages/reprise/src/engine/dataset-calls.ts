// Reading datasets: bytes go into the core piece by piece, rows come out in columns.
import { asRepriseError, messageFromError, repriseError } from '../errors.js';
import { yieldToEventLoop } from '../platform.js';
import type { Calls, ColumnPart } from '../protocol.js';
import type { Call } from './calls.js';
import { ColumnBuffers } from './column-buffers.js';
import type { Core } from './core.js';
import type { JobDriver } from './job-driver.js';

/** How long digests are given to a split before everything else gets its turn. */
const sliceMs = 8;
/** Digests of 4096 rows, which take a few milliseconds. */
const pieceBytes = 32 * 4096;

/** Rows that wait in the core's memory, until the next call of their reader. */
interface TakenRows {
  readonly rows: number;
  readonly columns: readonly ColumnPart[];
  /** 32 bytes a row each. */
  readonly digests: readonly Uint8Array[];
}

/** The calls on datasets, and the columns that are being collected. */
export class DatasetCalls {
  readonly #core: () => Core;
  readonly #collected = new Map<number, ColumnBuffers>();
  #last = 0;

  /** `core` gives the core, or its error where it does not run. */
  constructor(core: () => Core) {
    this.#core = core;
  }

  /** Collections that nobody has taken. */
  get alive(): number {
    return this.#collected.size;
  }

  /** Gives bytes to a reader or a sample, or ends its file; what the core says of it then. */
  push(handle: number, bytes: Uint8Array | undefined): number {
    return bytes === undefined
      ? this.#core().call('dataset_finish', handle) : this.#core().call('dataset_push', handle, bytes);
  }

  /** Gives bytes to a reader, or ends its file, and takes the rows that have ended. */
  read({ reader, bytes, nextFile, into }: Calls['datasetRead']['args']): Calls['datasetRead']['value'] {
    let failed: ReturnType<typeof messageFromError> | undefined;
    try {
      if (nextFile === undefined) this.push(reader, bytes);
      else this.#core().call('dataset_next_file', reader, nextFile);
    } catch (thrown) {
      const error = asRepriseError(thrown);
      // Rows before a bad one are good.
      if (error.code !== 'invalid_data') throw error;
      failed = messageFromError(error);
    }
    const taken = takeRows(this.#core(), reader);
    const error = failed === undefined ? {} : { error: failed };
    if (into === undefined) return { batch: batchBytes(taken), ...error };
    this.#collection(into.columns).append(taken.columns, taken.rows, into.share);
    return error;
  }

  /** Begins columns of all rows of a reader. */
  collect(): number {
    this.#collected.set(++this.#last, new ColumnBuffers());
    return this.#last;
  }

  takeColumns({ columns }: Calls['datasetTakeColumns']['args']): Uint8Array[] {
    const collection = this.#collection(columns);
    this.#collected.delete(columns);
    return collection.parts();
  }

  dropColumns({ columns }: Calls['datasetDropColumns']['args']): void {
    this.#collected.delete(columns);
  }

  /** Deals rows out, by digests or their number alone. */
  async split(
    { options, digests }: Calls['datasetSplit']['args'], driver: JobDriver, call: Call,
  ): Promise<Calls['datasetSplit']['value']> {
    const core = this.#core();
    const job = core.call('dataset_split', JSON.stringify(options));
    try {
      let end = performance.now() + sliceMs;
      for (let at = 0; at < digests.length; at += pieceBytes) {
        if (performance.now() > end) {
          await yieldToEventLoop();
          end = performance.now() + sliceMs;
        }
        if (call.cancelled !== undefined) throw call.cancelled;
        core.call('dataset_split_push', job, digests.subarray(at, at + pieceBytes));
      }
      await driver.run(job, {
        onEvent: (event) => {
          const { done, total } = event as { done: number; total: number };
          call.emit({ type: 'progress', phase: 'split', done, total, unit: 'steps' });
        },
        cancelled: () => call.cancelled,
      });
      core.call('job_values', job);
      return core.ids();
    } finally {
      if (core.isOpen) core.call('release', job);
    }
  }

  #collection(columns: number): ColumnBuffers {
    const collection = this.#collected.get(columns);
    if (collection === undefined) throw repriseError('disposed', 'The columns were taken before this call.');
    return collection;
  }
}

/** Views of the rows that a reader has; they die with the core's next call. */
function takeRows(core: Core, reader: number): TakenRows {
  core.call('dataset_take', reader);
  const table = core.result();
  // 64-bit integers, of which the upper halves are zero in the memory of wasm32.
  const words = new Uint32Array(table.buffer);
  const [rows = 0, columns = 0, lists = 0] = [words[0], words[2], words[4]];
  let at = 6;
  const part = (): Uint8Array => {
    const view = core.memory(words[at] as number, words[at + 2] as number);
    at += 4;
    return view;
  };
  const words32 = (): Uint32Array => {
    const view = part();
    return new Uint32Array(view.buffer, view.byteOffset, view.byteLength / 4);
  };
  return {
    rows,
    columns: Array.from({ length: columns }, () =>
      ({ validity: part(), listOffsets: words32(), offsets: words32(), values: part() })),
    digests: Array.from({ length: lists }, part),
  };
}

/** Rows as they travel: their number, the columns and the lists of digests as 32-bit words and a zero;
 * for each column the bytes of its four parts; then the parts of the columns and the digests, each at a
 * multiple of 8 bytes. */
function batchBytes({ rows, columns, digests }: TakenRows): Uint8Array {
  const ofColumns = columns.flatMap(({ validity, listOffsets, offsets, values }) =>
    [validity, listOffsets, offsets, values]);
  const parts = [...ofColumns, ...digests];
  const header = new Uint32Array([
    rows, columns.length, digests.length, 0, ...ofColumns.map(({ byteLength }) => byteLength)]);
  const bytes = new Uint8Array(
    parts.reduce((size, part) => aligned(size) + part.byteLength, header.byteLength));
  bytes.set(new Uint8Array(header.buffer));
  let at = header.byteLength;
  for (const part of parts) {
    at = aligned(at);
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return bytes;
}

const aligned = (size: number): number => 8 * Math.ceil(size / 8);
