// Datasets: the caller's object for a sequence. What a transformation does is in the modules beside
// this one; here its arguments are checked.
import type { Table } from 'apache-arrow';

import { repriseError } from '../errors.js';
import { hashJson } from '../hash-json.js';
import {
  type Check, checkArgument, checkOptions, isBoolean, isFunction, isInteger, isObject, isOneOf, isString,
  isStringRecord, isTextList, isTexts, longOptions, refuse,
} from '../options.js';
import { drawSeed } from '../seed.js';
import type { DatasetReport } from '../protocol.js';
import type { Piece } from '../sources/files.js';
import type {
  BatchOf, BatchOptions, CacheOptions, Column, Dataset, DatasetIterator, DatasetSchema, DatasetStats,
  Field, InterleaveOptions, IterateOptions, MapOptions, PackOptions, Row, ShuffleOptions, Split,
  SplitOptions, TokenizeOptions, TokenRow, ValidationReport,
} from '../types/dataset.js';
import type { LongOptions } from '../types/long-work.js';
import type { Tokenizer } from '../types/tokenizer.js';
import { batch } from './batch.js';
import { Cache } from './cache.js';
import type { ColumnBatch } from './columns.js';
import { checkPermutable } from './draws.js';
import { filter, type ItemFunction, map, rename, select } from './each.js';
import { hashOfPieces } from './hash-pieces.js';
import { once } from './identity.js';
import { interleave } from './interleave.js';
import { type Iterated, SequenceIterator } from './iterator.js';
import { type ColumnSource, FileSequence, type ReadOptions } from './loaded.js';
import { concat, repeat, skip, take } from './order.js';
import { pack } from './pack.js';
import { inferredColumns, rowColumns } from './row-columns.js';
import { renamedSchema, schemaOfAll, selectedSchema } from './schemas.js';
import { knownIdentity, type Sequence } from './sequence.js';
import { shuffle } from './shuffle.js';
import { splitRows } from './split.js';
import { tokenize } from './tokenize.js';
import { windowedShuffle } from './windowed-shuffle.js';
import { parquetOf, textOf } from './write.js';

const isSeed = isInteger(0);
const isId = isInteger(0, 0x7fffffff);
/** Rows of one batch and tokens of one row: what an array may hold. */
const isSize = isInteger(1, 2 ** 31 - 1);
const isWindow = isInteger(1, 2 ** 24);
const mostCacheBytes = 2 ** 28;

const isPadTo: Check = (value) =>
  value === 'longest' || isSize(value) === undefined ? undefined : "a number of tokens or 'longest'";
const isAllowed: Check = (value) =>
  value === 'all' || value === 'none' || isTextList(value) === undefined
    ? undefined : "'all', 'none' or an array of special tokens";
/** As far as transformations look; the core reads all of it. */
const isSchema: Check = (value) => {
  const { fields } = (value ?? {}) as Partial<DatasetSchema>;
  const isField = (field: Partial<Field> | null) => typeof field?.name === 'string' &&
    (field.path === undefined || isTexts(field.path) === undefined);
  return Array.isArray(fields) && fields.every(isField) ? undefined
    : 'a schema, whose fields have names, and paths of names';
};
const isTokenizer: Check = (value) => {
  const found = value as Partial<Tokenizer> | null | undefined;
  return typeof found?.encodeBatch === 'function' && typeof found.hash === 'string'
    ? undefined : 'a tokenizer';
};

/** What can be disposed of. */
interface Alive {
  /** Errors: `disposed`, also where what it is made of was disposed of. */
  checkAlive(): void;
}

/** What a dataset is made of. */
export interface DatasetParts<T> {
  readonly sequence: Sequence<T>;
  readonly schema?: DatasetSchema | undefined;
  /** The datasets that it is made of; one that was disposed of ends this one too. */
  readonly of?: readonly Alive[];
  /** Lets go of what it holds. */
  readonly dispose?: () => void;
}

/** A dataset of a sequence. */
export class SequenceDataset<T> implements Dataset<T>, Iterated<T>, Alive {
  readonly sequence: Sequence<T>;
  declare readonly schema?: DatasetSchema;
  declare readonly length?: number;
  readonly #of: readonly Alive[];
  readonly #dispose: (() => void) | undefined;
  readonly #hash = once(async (signal) => hashJson(await knownIdentity(this.sequence.identity, signal)));
  #disposed = false;

  constructor({ sequence, schema, of = [], dispose }: DatasetParts<T>) {
    this.sequence = sequence;
    this.#of = of;
    this.#dispose = dispose;
    const { length } = sequence;
    // Absent ones are no members, as the interface has it.
    if (schema !== undefined) Object.defineProperty(this, 'schema', { value: schema, enumerable: true });
    if (length !== undefined) Object.defineProperty(this, 'length', { value: length, enumerable: true });
  }

  map<U>(fn: ItemFunction<T, U>, options: MapOptions = {}): Dataset<U> {
    checkArgument('fn', fn, isFunction);
    checkOptions(options, { schema: isSchema });
    const schema = options.schema === undefined ? undefined
      : JSON.parse(JSON.stringify(options.schema)) as DatasetSchema;
    return this.#made(map(this.sequence, fn), schema);
  }

  filter(fn: ItemFunction<T, boolean>): Dataset<T> {
    checkArgument('fn', fn, isFunction);
    return this.#made(filter(this.sequence, fn), this.schema);
  }

  select<Name extends keyof T & string>(fields: readonly Name[]): Dataset<Pick<T, Name>> {
    checkArgument('fields', fields, isTextList);
    const schema = selectedSchema(this.schema, fields);
    return this.#made(select(this.sequence, [...fields]), schema) as Dataset<unknown> as
      Dataset<Pick<T, Name>>;
  }

  rename(names: Readonly<Record<string, string>>): Dataset<Row> {
    checkArgument('names', names, isStringRecord);
    return this.#made(rename(this.sequence, { ...names }), renamedSchema(this.schema, names));
  }

  take(count: number): Dataset<T> {
    checkArgument('count', count, isInteger(0));
    return this.#made(take(this.sequence, count), this.schema);
  }

  skip(count: number): Dataset<T> {
    checkArgument('count', count, isInteger(0));
    return this.#made(skip(this.sequence, count), this.schema);
  }

  concat(...others: readonly Dataset<T>[]): Dataset<T> {
    const all = this.#with(others);
    return this.#made(
      concat(all.map(({ sequence }) => sequence)), schemaOfAll(all), { of: all });
  }

  interleave(others: readonly Dataset<T>[], options: InterleaveOptions = {}): Dataset<T> {
    if (!Array.isArray(others)) throw refuse('others', 'an array of datasets', others);
    const all = this.#with(others);
    const isWeights: Check = (value) =>
      Array.isArray(value) && value.length === all.length &&
      value.every((weight) => Number.isFinite(weight) && weight >= 0) && value.some((weight) => weight > 0)
        ? undefined : `an array of ${all.length} finite numbers, none below 0 and not all 0`;
    checkOptions(options, { weights: isWeights, seed: isSeed });
    const weights = [...options.weights ?? all.map(() => 1)];
    const sequence = interleave(
      all.map((dataset) => dataset.sequence), weights, options.seed ?? drawSeed());
    return this.#made(sequence, schemaOfAll(all), { of: all });
  }

  shuffle(seed?: number, options: ShuffleOptions = {}): Dataset<T> {
    if (seed !== undefined) checkArgument('seed', seed, isSeed);
    checkOptions(options, { window: isWindow });
    const { window } = options;
    const drawn = seed ?? drawSeed();
    if (window !== undefined) {
      return this.#made(windowedShuffle(this.sequence, drawn, window), this.schema);
    }
    if (this.length !== undefined) checkPermutable(this.length);
    return this.#made(shuffle(this.sequence, drawn), this.schema);
  }

  repeat(times?: number): Dataset<T> {
    if (times !== undefined) checkArgument('times', times, isInteger(0));
    return this.#made(repeat(this.sequence, times), this.schema);
  }

  tokenize(
    tokenizer: Tokenizer, field: string | undefined = this.schema?.text, options: TokenizeOptions = {},
  ): Dataset<TokenRow> {
    checkArgument('tokenizer', tokenizer, isTokenizer);
    if (field !== undefined) checkArgument('field', field, isString);
    checkOptions(options, {
      addSpecialTokens: isBoolean, allowSpecial: isAllowed, truncation: isObject,
    });
    if (options.truncation !== undefined) {
      checkOptions(options.truncation, { maxLength: isInteger(0), side: isOneOf('left', 'right') },
        'truncation', ['maxLength']);
    }
    return this.#made(tokenize(this.sequence, tokenizer, field, { ...options }), undefined);
  }

  pack(length: number, options: PackOptions = {}): Dataset<TokenRow> {
    checkArgument('length', length, isSize);
    checkOptions(options, {
      eos: isId, acrossDocuments: isBoolean, last: isOneOf('drop', 'pad'), padId: isId,
    });
    return this.#made(pack(this.sequence, length, options), undefined);
  }

  batch(size: number, options: BatchOptions = {}): Dataset<BatchOf<T>> {
    checkArgument('size', size, isSize);
    checkOptions(options, { dropLast: isBoolean, padTo: isPadTo, padId: isId });
    return this.#made(batch(this.sequence, size, options), undefined);
  }

  cache(options: CacheOptions = {}): Dataset<T> {
    checkOptions(options, { maxBytes: isInteger(0) });
    const sequence = new Cache(this.sequence, options.maxBytes ?? mostCacheBytes);
    return this.#made(sequence, this.schema, { dispose: () => sequence.clear() });
  }

  [Symbol.asyncIterator](): DatasetIterator<T> {
    return this.iterate();
  }

  iterate(options: IterateOptions = {}): DatasetIterator<T> {
    checkOptions(options, { ...longOptions, from: isObject });
    this.checkAlive();
    const { from, ...long } = options;
    return new SequenceIterator<T>(this, from, long);
  }

  async rows(options: LongOptions = {}): Promise<T[]> {
    checkOptions(options, longOptions);
    const rows: T[] = [];
    for await (const row of this.iterate(options)) rows.push(row);
    return rows;
  }

  async split(options: SplitOptions = {}): Promise<Record<string, Split>> {
    this.checkAlive();
    const parts = await this.#inColumns(options, (source) => splitRows(source, options));
    return Object.fromEntries(parts.map(({ sequence, schema, ...part }) =>
      [part.name, { ...part, data: new SequenceDataset<Row>({ sequence, schema, of: [this] }) }]));
  }

  async validate(options: LongOptions = {}): Promise<ValidationReport> {
    const { report: { fields: _, ...report } } = await this.#read({ onError: 'skip' }, options);
    return report;
  }

  async stats(options: LongOptions = {}): Promise<DatasetStats> {
    const { report: { fields, ...report } } = await this.#read({ stats: true }, options);
    return { rows: report.rows, report, fields: fields ?? {} };
  }

  async hash(options: LongOptions = {}): Promise<string> {
    checkOptions(options, longOptions);
    this.checkAlive();
    return this.#inColumns(options, (source) => {
      async function* digests(): AsyncGenerator<Piece> {
        for await (const batch of source.batches({ digests: true }, options)) {
          yield new Uint8Array(batch.digests[0] as Uint8Array);
        }
      }
      return hashOfPieces(digests());
    });
  }

  async columns(options: LongOptions = {}): Promise<Record<string, Column>> {
    checkOptions(options, longOptions);
    this.checkAlive();
    return this.#inColumns(options, (source) => source.columns(options));
  }

  async toArrow(options: LongOptions = {}): Promise<Table> {
    checkOptions(options, longOptions);
    this.checkAlive();
    const { TableBuilder } = await import('./arrow.js');
    const builder = await TableBuilder.load();
    const { schema } = await this.#read({}, options, (batch) => builder.add(batch));
    return builder.table(schema);
  }

  write(format: 'jsonl' | 'csv' | 'parquet', options: LongOptions = {}): ReadableStream<Uint8Array> {
    checkArgument('format', format, isOneOf('jsonl', 'csv', 'parquet'));
    checkOptions(options, longOptions);
    this.checkAlive();
    const leave = new AbortController();
    const { signal: given } = options;
    const signal = given === undefined ? leave.signal : AbortSignal.any([given, leave.signal]);
    let pieces: AsyncGenerator<Uint8Array> | undefined;
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        pieces ??= this.#written(format, { ...options, signal });
        const next = await pieces.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      // Waits for no piece that does not come.
      cancel() {
        leave.abort();
        pieces?.return(undefined).catch(() => undefined);
      },
    }, { highWaterMark: 0 });
  }

  async *#written(
    format: 'jsonl' | 'csv' | 'parquet', options: LongOptions,
  ): AsyncGenerator<Uint8Array> {
    const source = await this.#columnSource(options);
    async function* batches(): AsyncGenerator<readonly Row[]> {
      for await (const batch of source.batches({}, options)) yield batch.allRows();
    }
    try {
      if (format === 'parquet') yield* parquetOf(source.schema, batches());
      else yield* textOf(format, source.schema, batches());
    } finally {
      await source.close?.();
    }
  }

  /** Reads everything in columns. */
  async #read(
    wanted: ReadOptions, options: LongOptions, onBatch?: (batch: ColumnBatch) => void,
  ): Promise<{ readonly schema: DatasetSchema; readonly report: DatasetReport }> {
    checkOptions(options, longOptions);
    this.checkAlive();
    return this.#inColumns(options, async (source) => {
      const batches = source.batches(wanted, options);
      try {
        for (;;) {
          const next = await batches.next();
          if (next.done === true) return { schema: source.schema, report: next.value };
          onBatch?.(next.value);
        }
      } finally {
        await batches.return(undefined as never);
      }
    });
  }

  /** Its rows in columns, as long as the work on them takes. */
  async #inColumns<Made>(
    long: LongOptions, work: (source: ColumnSource) => Promise<Made>,
  ): Promise<Made> {
    const source = await this.#columnSource(long);
    try {
      return await work(source);
    } finally {
      await source.close?.();
    }
  }

  /** Its rows in columns: as they are read, or through the core again, behind transformations. Without
   * a schema that is inferred. */
  async #columnSource({ signal, onProgress }: LongOptions): Promise<ColumnSource> {
    if (this.sequence instanceof FileSequence) return this.sequence;
    const open = (long: LongOptions) => this.iterate(long);
    return this.schema === undefined ? inferredColumns(open, { signal, onProgress })
      : rowColumns(open, this.schema);
  }

  /** The hash of what it is, which stands in cursors. Tried again where the runtime had not started. */
  identityHash(signal: AbortSignal): Promise<string> {
    return this.#hash(signal);
  }

  checkAlive(): void {
    if (this.#disposed) {
      throw repriseError('disposed', 'The dataset, or one that it is made of, was disposed of before ' +
        'this call.');
    }
    for (const dataset of this.#of) dataset.checkAlive();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#dispose?.();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** A dataset made of this one or several. */
  #made<U>(
    sequence: Sequence<U>, schema: DatasetSchema | undefined,
    more: Pick<DatasetParts<U>, 'of' | 'dispose'> = {},
  ): SequenceDataset<U> {
    const made = new SequenceDataset<U>({ of: [this], ...more, sequence, schema });
    made.checkAlive();
    return made;
  }

  /** This one and others. Errors: `invalid_argument` for what is no dataset of this package. */
  #with(others: readonly Dataset<T>[]): readonly SequenceDataset<T>[] {
    return [this, ...others.map((other, i) => {
      if (other instanceof SequenceDataset) return other as SequenceDataset<T>;
      throw refuse(`others[${i}]`, 'a dataset', other);
    })];
  }
}
