// Datasets that are read through the core: their rows as a sequence, and as batches of columns.
import { abortedError, errorFromMessage, type ErrorMessage, repriseError } from '../errors.js';
import { mainRuntime } from '../main-runtime.js';
import { isInteger } from '../options.js';
import type { DatasetOptions, DatasetReport, InferredSchema } from '../protocol.js';
import type { Piece } from '../sources/files.js';
import { release } from '../tokenizer.js';
import type { Column, DatasetSchema, ReadReport, Row } from '../types/dataset.js';
import type { LongOptions } from '../types/long-work.js';
import { ColumnBatch, typedColumns } from './columns.js';
import type { DataFile } from './data-files.js';
import {
  type Context, ended, type Identity, type Items, type JsonValue, lostPlace, Pace, readState, type Sequence,
} from './sequence.js';
import { untilAborted } from './until-aborted.js';

/** What is wanted besides the rows. */
export interface ReadOptions {
  readonly onError?: 'error' | 'collect' | 'skip';
  readonly digests?: boolean;
  readonly digestFields?: readonly string[];
  readonly stats?: boolean;
}

/** A sequence that can be read in columns. */
export interface ColumnSource {
  readonly schema: DatasetSchema;
  /** All rows, in batches; ends with how the reading went. */
  batches(options: ReadOptions, long: LongOptions): AsyncGenerator<ColumnBatch, DatasetReport>;
  /** All rows in columns. */
  columns(long: LongOptions): Promise<Record<string, Column>>;
  /** Lets go of rows that nobody reads. */
  close?(): Promise<void>;
}

/** Files of one format that the core reads. */
export class FileSequence implements Sequence<Row>, ColumnSource {
  readonly identity: Identity;
  readonly schema: DatasetSchema;
  readonly #files: readonly DataFile[];
  /** With the fields that are not kept. */
  readonly #whole: DatasetSchema;
  readonly #options: DatasetOptions;
  readonly #onReport: ((report: ReadReport) => void) | undefined;

  /** `options` are those of reprise_dataset_reader_create but `file` and `sayBytes`. */
  constructor(
    files: readonly DataFile[], schema: DatasetSchema, options: DatasetOptions,
    onReport?: (report: ReadReport) => void,
  ) {
    this.#files = files;
    this.#whole = schema;
    this.#options = options;
    this.#onReport = onReport;
    this.schema = keptSchema(schema, options['columns'] as readonly string[] | undefined);
    this.identity = {
      op: 'files', files: files.map(({ identity }) => identity),
      schema: schema as unknown as Identity, options: options as Identity,
    };
  }

  open(state: JsonValue | undefined, context: Context): Items<Row> {
    const start = readState<{ row: number }>(state, { row: isInteger(0) })?.row ?? 0;
    const long = context.signal === undefined ? {} : { signal: context.signal };
    const batches = this.batches({}, long);
    let batch: ColumnBatch | undefined;
    let at = 0;
    let row = start;
    let toSkip = start;
    /** Whether there is another row, in `batch` at `at`. */
    const isMore = async (): Promise<boolean> => {
      while (batch === undefined || at >= batch.rows) {
        if (context.pace.isDue) await context.pace.rest();
        const next = await batches.next();
        if (next.done === true) {
          if (toSkip > 0) throw lostPlace();
          return false;
        }
        batch = next.value;
        at = Math.min(toSkip, batch.rows);
        toSkip -= at;
      }
      return true;
    };
    const ready = (): IteratorYieldResult<Row> | undefined => {
      if (batch === undefined || at >= batch.rows) return undefined;
      row++;
      return { done: false, value: batch.row(at++) };
    };
    return {
      ready,
      next: async () =>
        ready() ?? (await isMore() ? ready() as IteratorYieldResult<Row> : ended),
      async texts(field, most, mostBytes) {
        if (!await isMore()) return undefined;
        const texts = batch?.texts(field, at, most, mostBytes);
        at += texts?.sizes.length ?? 0;
        row += texts?.sizes.length ?? 0;
        return texts;
      },
      state: () => ({ row }),
      async close() {
        await batches.return(undefined as never);
      },
    };
  }

  batches(options: ReadOptions, long: LongOptions): AsyncGenerator<ColumnBatch, DatasetReport> {
    return this.#read(options, long);
  }

  async columns(long: LongOptions): Promise<Record<string, Column>> {
    const { client } = await mainRuntime.get();
    const columns = await client.call('datasetCollect', {});
    try {
      for await (const _ of this.#read({}, long, columns));
      return typedColumns(this.schema, await client.call('datasetTakeColumns', { columns }));
    } catch (thrown) {
      void client.call('datasetDropColumns', { columns }).catch(() => undefined);
      throw thrown;
    }
  }

  /** Reads all files by one reader, into columns where they are given. */
  async *#read(
    options: ReadOptions, long: LongOptions, columns?: number,
  ): AsyncGenerator<ColumnBatch, DatasetReport> {
    const { client } = await mainRuntime.get();
    const of = this.#files.length;
    const reader = await client.call('datasetReader', {
      schema: this.#whole, options: { ...this.#options, ...options, ...inErrors(this.#files) },
    });
    let report: DatasetReport | undefined;
    try {
      for (const [before, file] of this.#files.entries()) {
        const into = columns === undefined ? undefined : { columns, of, before };
        yield* readFile(this.schema, file, this.#files[before + 1]?.name, reader, long, into);
      }
      report = await this.#report(reader);
      return report;
    } finally {
      await this.#tell(reader, report);
      release(await mainRuntime.get(), reader);
    }
  }

  async #report(reader: number): Promise<DatasetReport> {
    const { client } = await mainRuntime.get();
    return client.call('datasetReport', { reader });
  }

  /** Tells how a reading went; without its report it is one that was left or failed. */
  async #tell(reader: number, report: DatasetReport | undefined): Promise<void> {
    if (this.#onReport === undefined) return;
    // Where the engine has gone, whoever reads hears of that.
    const found = report ?? await this.#report(reader).catch(() => undefined);
    if (found === undefined) return;
    const { fields: _, ...told } = found;
    try {
      this.#onReport({ ...told, complete: report !== undefined });
    } catch (thrown) {
      // The error of a reading that failed says more.
      if (report === undefined) return;
      // Not callbackError of client.ts: to be imported there makes the entry of tokenizers larger.
      const words = thrown instanceof Error ? thrown.message : String(thrown);
      const error = repriseError(
        'invalid_argument', `onReport threw: ${words}`, { argument: 'onReport' });
      error.cause = thrown;
      throw error;
    }
  }
}

/** The fields that are kept. */
function keptSchema(schema: DatasetSchema, columns: readonly string[] | undefined): DatasetSchema {
  if (columns === undefined) return schema;
  const { text, ...rest } = schema;
  const fields = columns.flatMap((name) => schema.fields.find((field) => field.name === name) ?? []);
  return {
    ...rest, fields, otherFields: 'ignore',
    ...(text !== undefined && columns.includes(text) ? { text } : {}),
  };
}

/** Columns that rows go into, and how many files there are, and were before. */
interface Into {
  readonly columns: number;
  readonly of: number;
  readonly before: number;
}

/** Reads one file; the last one is before none. */
async function* readFile(
  schema: DatasetSchema, file: DataFile, nextFile: string | undefined, reader: number,
  long: LongOptions, into: Into | undefined,
): AsyncGenerator<ColumnBatch> {
  const { client } = await mainRuntime.get();
  let read: number | undefined;
  const onProgress: LongOptions['onProgress'] = (progress) => {
    read = progress.total === undefined || progress.total === 0 ? undefined
      : progress.done / progress.total;
    long.onProgress?.(progress);
  };
  // Where files differ much in size this is wrong, and columns move once more than they need.
  const place = () => (into === undefined ? {} : {
    into: {
      columns: into.columns, ...(read === undefined ? {} : { share: (into.before + read) / into.of }),
    },
  });
  const take = async function* (bytes?: Piece): AsyncGenerator<ColumnBatch> {
    if (long.signal?.aborted === true) throw abortedError(`Reading ${file.name}`);
    const end = nextFile === undefined ? {} : { nextFile };
    const { batch, error } = bytes === undefined
      ? await client.call('datasetRead', { reader, ...end, ...place() })
      : await client.call('datasetRead', { reader, bytes, ...place() }, { transfer: [bytes.buffer] });
    if (batch !== undefined) {
      const rows = new ColumnBatch(schema, batch);
      if (rows.rows > 0) yield rows;
    }
    if (error !== undefined) throw errorFromMessage(withHint(error, file));
  };
  const pieces = file.open({ ...long, onProgress });
  // Of bytes that are at hand nothing waits, and an abort would not come in.
  const pace = new Pace(long.signal);
  for await (const piece of untilAborted(pieces, long.signal, `Reading ${file.name}`)) {
    if (pace.isDue) await pace.rest();
    yield* take(piece);
  }
  yield* take();
}

/** What errors say of files that are read together: either all are made on the way or none is. */
function inErrors([file]: readonly DataFile[]): DatasetOptions {
  return { file: file?.name, ...(file?.isMade === true ? { sayBytes: false } : {}) };
}

/** What can be done about an error is said behind it. */
function withHint(error: ErrorMessage, { hint }: DataFile): ErrorMessage {
  return hint === undefined || error.code !== 'invalid_data' ? error
    : { ...error, message: `${error.message} ${hint}` };
}

/** What the first rows of a file seem to be, by as many of its pieces as that needs; options are those
 * of reprise_dataset_sample_create but `file` and `sayBytes`. */
export async function sampleOf(
  file: DataFile, pieces: AsyncIterable<Piece>, options: DatasetOptions, signal?: AbortSignal,
): Promise<InferredSchema> {
  const started = await mainRuntime.get();
  const sample = await started.client.call('datasetSample', { options: { ...options, ...inErrors([file]) } });
  try {
    let isFull = false;
    for await (const bytes of untilAborted(pieces, signal, `Reading ${file.name}`)) {
      isFull = await started.client.call(
        'datasetSamplePush', { sample, bytes }, { transfer: [bytes.buffer] });
      if (isFull) break;
    }
    if (!isFull) await started.client.call('datasetSamplePush', { sample });
    return await started.client.call('datasetSchema', { sample });
  } finally {
    release(started, sample);
  }
}
