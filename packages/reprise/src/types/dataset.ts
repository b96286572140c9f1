// Datasets as callers see them: rows, what becomes of them, and iterations that can be saved.
/** @ts-ignore Optional: where apache-arrow is not installed, Table is any. */
import type { Table } from 'apache-arrow';

import type { Handle, LongOptions } from './long-work.js';
import type { FetchOptions, FileSource } from './sources.js';
import type { EncodeOptions, Tokenizer } from './tokenizer.js';

/** Types of a field's values. */
export type FieldType =
  | 'string' | 'int32' | 'int64' | 'float32' | 'float64' | 'bool' | 'timestamp' | 'categorical'
  | 'bytes';

/** One field of a dataset's rows. */
export interface Field {
  name: string;
  type: FieldType | { list: FieldType };
  /** Whether a value may be absent. Default: false. */
  optional?: boolean;
  /** Where it stands in nested rows, such as `answer.text`, or the names one by one. Default: its
   * name. */
  path?: string | readonly string[];
  /** Of a string: any JSON is taken, strings as they are and everything else as its JSON text. */
  from?: 'any';
  modality?: 'text' | 'tokens' | 'label' | 'number' | 'image';
  /** Allowed values of a categorical field, in the order of their codes. */
  categories?: readonly string[];
}

/** What a dataset's rows look like; JSON, part of the run config, hashed. */
export interface DatasetSchema {
  version: 1;
  fields: readonly Field[];
  /** What becomes of what a row has besides the fields: an error, or it is left out. Default:
   * 'refuse'. */
  otherFields?: 'refuse' | 'ignore';
  /** Of CSV that is read without the option `delimiter`: the character between fields. An inferred schema
   * has it where that is not a comma. */
  delimiter?: string;
  /** The field that is the text. */
  text?: string;
  splits?: Readonly<Record<string, number>>;
  seed?: number;
}

/** int64 values are bigint, timestamps are bigint microseconds since 1970 UTC, absent ones null. */
export type Value = string | number | bigint | boolean | Uint8Array | readonly Value[] | null;
/** One row, by field name. */
export type Row = Readonly<Record<string, Value>>;

/** One file, several files of one format one after the other, a stream, or rows. A stream can be read
 * once only. */
export type DatasetSource =
  | FileSource
  | readonly FileSource[]
  | ReadableStream<Uint8Array>
  | Iterable<Readonly<Record<string, unknown>>>
  | AsyncIterable<Readonly<Record<string, unknown>>>;

/** How a dataset is written in a file. */
export type DatasetFormat = 'csv' | 'tsv' | 'json' | 'jsonl' | 'text' | 'parquet';

/** How a source is read and checked. */
export interface LoadDatasetOptions extends LongOptions, FetchOptions {
  /** Default: by the file's name, without its compression's; a source without a name needs it. */
  format?: DatasetFormat | undefined;
  /** Default: by the content. */
  compression?: 'none' | 'gzip' | 'zstd' | undefined;
  /** Default: inferred from the first 20,000 rows and written down in `schema`; a row further down that
   * does not fit is an error that names it. */
  schema?: DatasetSchema | undefined;
  /** Keep only these fields. */
  columns?: readonly string[] | undefined;
  /** CSV: one ASCII character. Default: the schema's, without a schema what the first rows look like,
   * else ',' (TSV: tab). */
  delimiter?: string | undefined;
  /** CSV: the character around fields that hold delimiters or line ends, '' for none. Default: '"'
   * (TSV: none). */
  quote?: string | undefined;
  /** CSV: whether the first row holds names. Default: as the first rows look, which without a schema
   * is told from them; with one: true. */
  header?: boolean | undefined;
  /** Text: what a row is. Default: 'line'. */
  textRows?: 'line' | 'blank_line' | 'whole' | undefined;
  /** JSON: the members that lead to the array of rows, such as `data.rows`, or their names one by one.
   * Default: the root. */
  rowsPath?: string | readonly string[] | undefined;
  /** 'error' stops at the first bad row. 'skip' leaves bad rows out and lists them in the report;
   * 'collect' reads everything, then throws with all of them. Default: 'error'. */
  onError?: 'error' | 'collect' | 'skip' | undefined;
  /** Bad rows of all files at which 'collect' and 'skip' give up. Default: 1000. */
  maxErrors?: number | undefined;
  /** Hears how each reading of the source went, when it has ended and before whoever asked for it hears of
   * its end or its error, whatever reads: `rows`, an iteration, `columns`, `write`, `split`, of this
   * dataset or of one that is made of it. What it throws ends what reads. */
  onReport?: ((report: ReadReport) => void) | undefined;
}

/** How a schema is inferred. */
export interface InferSchemaOptions extends Omit<
  LoadDatasetOptions, 'schema' | 'columns' | 'onError' | 'maxErrors' | 'onReport'> {
  /** How many rows are looked at. Default: 20,000. */
  sampleRows?: number | undefined;
}

/** Every problem found, up to `maxErrors`, and how many rows were left out. */
export interface ValidationReport {
  /** Rows that fit. */
  readonly rows: number;
  readonly skipped: number;
  /** Lines without anything in them, which are no rows. */
  readonly blankRows: number;
  readonly problems: readonly {
    readonly file: string;
    /** Of the file, from 0, the header not counted. */
    readonly row: number;
    /** Absent where it is the row as a whole. */
    readonly column?: string;
    /** Of the decompressed file; absent of rows of JavaScript and of Parquet. */
    readonly byte?: number;
    readonly expected: string;
    readonly found: string;
  }[];
}

/** What one reading of a source met, as far as it came: it may have read more rows than it gave. */
export interface ReadReport extends ValidationReport {
  /** False where the reading was left before the end, as behind `take`, or ended with an error. */
  readonly complete: boolean;
}

/** What one field's values are. */
export interface DatasetFieldStats {
  /** Rows with a value. */
  readonly count: number;
  readonly absent: number;
  /** Different values of strings, bytes, categories and bools; undefined where there are more than
   * 10,000. */
  readonly distinct?: number;
  /** Numbers; of int64 and timestamps (microseconds) in decimal as strings; of strings by their
   * bytes, the first 200 of them. */
  readonly min?: number | string;
  readonly max?: number | string;
  /** Of numbers, without NaN. */
  readonly mean?: number;
  /** Of strings and bytes in bytes, of lists in elements. */
  readonly meanLength?: number;
}

/** Counts and ranges by field, after one pass. */
export interface DatasetStats {
  readonly rows: number;
  readonly report: ValidationReport;
  readonly fields: Readonly<Record<string, DatasetFieldStats>>;
}

/** How rows are dealt out. */
export interface SplitOptions extends LongOptions {
  /** Shares by name that sum to 1, in any order: parts are dealt out in that of their names. Default: the
   * schema's `splits`. */
  ratios?: Readonly<Record<string, number>> | undefined;
  /** Row counts by name, which sum to the rows; instead of `ratios`. */
  counts?: Readonly<Record<string, number>> | undefined;
  /** 0 to 2^53 − 1. Default: the schema's, else drawn and returned in each split. */
  seed?: number | undefined;
  /** 'shuffle' permutes the rows; 'content' goes by each row's hash, stable when rows are added;
   * 'huggingface' gives the rows of `datasets.train_test_split`. Default: 'shuffle'. */
  method?: 'shuffle' | 'content' | 'huggingface' | undefined;
  /** Rows of one value of this field stay in one split. */
  key?: string | undefined;
  /** Every split has about the same shares of this field's values. */
  stratify?: string | undefined;
}

/** One part of a dataset; the same everywhere for the same rows and seed. */
export interface Split {
  readonly name: string;
  readonly rows: number;
  readonly seed: number;
  /** Hash of the split's rows in order, whatever format they came in. */
  readonly hash: string;
  readonly data: Dataset<Row>;
}

/** A column of all rows, in Arrow's layout: typed arrays. */
export interface Column {
  readonly field: Field;
  /** Of strings and bytes their bytes one behind the other, of bools one byte each, of categories the
   * codes. */
  readonly values: Int32Array | BigInt64Array | Float32Array | Float64Array | Uint8Array;
  /** Of strings and bytes: where each begins, and the end of the last. */
  readonly offsets?: BigInt64Array;
  /** Of lists: where each one's elements begin, and the end of the last. */
  readonly listOffsets?: BigInt64Array;
  /** One bit a row, the lowest first, 0 where a value is absent; undefined where none is. */
  readonly validity?: Uint8Array;
}

/** Where an iteration stands; JSON, resumes exactly. */
export interface DatasetCursor {
  readonly version: 1;
  /** Hash of the source's content, as far as docs/datasets.md says, of schema and transformations;
   * another one is `hash_mismatch`. */
  readonly dataset: string;
  /** Items given since the dataset's beginning. */
  readonly position: number;
  readonly state: unknown;
}

/** What transformations left out so far. */
export interface DroppedCounts {
  /** Rows of last batches that were not full. */
  readonly rows: number;
  /** Tokens of last rows that were not full, the `eos` after their documents included. */
  readonly tokens: number;
}

/** An iteration that can be saved between items. */
export interface DatasetIterator<T> extends AsyncIterableIterator<T> {
  /** The place after the last item given, also after an abort or an error. There is none before the
   * first `next` was answered, unless the iteration began at a cursor: `invalid_argument`. */
  cursor(): DatasetCursor;
  /** What `pack` and `batch` left out of what was read since the dataset's beginning; whole once the
   * iteration has ended. */
  dropped(): DroppedCounts;
  [Symbol.asyncIterator](): DatasetIterator<T>;
  next(): Promise<IteratorResult<T, undefined>>;
  /** Ends the iteration. */
  return(): Promise<IteratorResult<T, undefined>>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How an iteration begins and is followed: progress in rows. */
export interface IterateOptions extends LongOptions {
  /** Goes on behind this place. Default: the beginning. */
  from?: DatasetCursor | undefined;
}

/** What `map` makes. */
export interface MapOptions {
  /** What its rows look like: each is held against it wherever they are read in columns or written. A row
   * has each field by its name, else along its `path` (docs/datasets.md). Default: inferred from the first
   * 20,000 rows, where columns, a hash, a split or a file is asked for. */
  schema?: DatasetSchema | undefined;
}

/** How several datasets become one. */
export interface InterleaveOptions {
  /** One a dataset, this one first: finite, ≥ 0, not all 0. Default: equal ones. */
  weights?: readonly number[] | undefined;
  /** 0 to 2^53 − 1. Default: drawn once, here. */
  seed?: number | undefined;
}

/** How rows are shuffled. */
export interface ShuffleOptions {
  /** Shuffles within so many rows. Default: all of them, at most 2^24, which are kept in memory. */
  window?: number | undefined;
}

/** How texts are encoded; `batch` pads. */
export type TokenizeOptions =
  Pick<EncodeOptions, 'addSpecialTokens' | 'allowSpecial' | 'truncation'>;

/** How documents become rows of one length. */
export interface PackOptions {
  /** Id put after each document. Default: none. */
  eos?: number | undefined;
  /** Whether a row may hold several documents; where not, each document has a last row of its own.
   * Default: true. */
  acrossDocuments?: boolean | undefined;
  /** What becomes of a last row that is not full: it is left out and counted in `dropped()`, or
   * padded. Default: 'drop'. */
  last?: 'drop' | 'pad' | undefined;
  /** Padding's label is −100, so that it counts nowhere. Default: 0. */
  padId?: number | undefined;
}

/** How rows become batches. */
export interface BatchOptions {
  /** Leave out a last batch that is not full, counted in `dropped()`. Default: false. */
  dropLast?: boolean | undefined;
  /** Pad token rows to this length, or to the longest of the batch; padding's label is −100. Default:
   * rows of different lengths, and longer ones than this, are `invalid_argument` with the `row`. */
  padTo?: number | 'longest' | undefined;
  /** Default: 0. */
  padId?: number | undefined;
}

/** How much is kept. */
export interface CacheOptions {
  /** As counted: 2 bytes for a UTF-16 unit, the bytes of typed arrays, 8 for other values, and 16 for
   * each value and member. Default: 2^28. */
  maxBytes?: number | undefined;
}

/** A row of token ids; labels default to the tokens. */
export interface TokenRow {
  readonly tokens: Uint32Array;
  readonly labels?: Int32Array;
  /** Tokens that truncation removed; only where `tokenize` truncates. */
  readonly removed?: number;
}

/** Token rows of one length, row after row. */
export interface TokenBatch {
  readonly tokens: Uint32Array;
  /** Of all rows where one of them has labels or is padded. */
  readonly labels?: Int32Array;
  readonly shape: readonly [rows: number, length: number];
}

/** What `batch` makes: token rows become training batches, other rows lists. */
export type BatchOf<T> = T extends TokenRow ? TokenBatch : T[];

/** A lazy, ordered sequence. A transformation makes a new dataset and leaves this one as it is; it
 * holds nothing of its own but what `cache` keeps, so that the one to dispose of is the one that was
 * loaded, after which all that was made of it is `disposed` too.
 *
 * Functions are called with one item after the other and may be asynchronous; the same item and index
 * must always give the same. What one throws is the `cause` of an `invalid_argument` that names the
 * `row`. A cursor knows a function by its text alone: not by the values that it uses from outside, nor
 * what stands behind `bind`. */
export interface Dataset<T> extends AsyncIterable<T>, Handle {
  /** What its rows look like; absent behind `map` without a schema, `tokenize`, `pack` and `batch`, and
   * where datasets of different schemas were joined. */
  readonly schema?: DatasetSchema;
  /** Rows, where they are known without reading. */
  readonly length?: number;

  /** `index` counts the items that come in, from 0. */
  map<U>(fn: (item: T, index: number) => U | Promise<U>, options?: MapOptions): Dataset<U>;
  filter(fn: (item: T, index: number) => boolean | Promise<boolean>): Dataset<T>;
  /** Keeps these fields, in this order. */
  select<Name extends keyof T & string>(fields: readonly Name[]): Dataset<Pick<T, Name>>;
  /** Old name to new name. */
  rename(names: Readonly<Record<string, string>>): Dataset<Row>;
  /** The first ones; what comes behind them is not read. */
  take(count: number): Dataset<T>;
  skip(count: number): Dataset<T>;
  concat(...others: readonly Dataset<T>[]): Dataset<T>;
  /** Draws from this one and the others by weight until the one that is drawn has ended. */
  interleave(others: readonly Dataset<T>[], options?: InterleaveOptions): Dataset<T>;
  /** A full permutation, which keeps what it permutes in memory, of at most 2^24 rows; more are
   * `unsupported`.
   *
   * With `window` a shuffle within that many rows, for streams: a buffer holds the first
   * `window` rows; each step draws a place in it (again where the buffer ends before that), gives the
   * row there, and puts the next row that comes in its place, or, where none comes, the buffer's last. A
   * cursor then holds `window` numbers, and resuming reads again what the buffer held. A seed is 0 to 2^53 − 1; default: drawn once, here. */
  shuffle(seed?: number, options?: ShuffleOptions): Dataset<T>;
  /** Default: for ever, until a time gives nothing. A shuffle or an interleaving before it draws anew
   * each time, but for what is before a `cache`. */
  repeat(times?: number): Dataset<T>;
  /** Encodes texts: items that are strings, or this field of rows. Default: the schema's text. */
  tokenize(tokenizer: Tokenizer, field?: string, options?: TokenizeOptions): Dataset<TokenRow>;
  /** Rows of exactly `length` tokens, cut from documents in order. */
  pack(length: number, options?: PackOptions): Dataset<TokenRow>;
  batch(size: number, options?: BatchOptions): Dataset<BatchOf<T>>;
  /** Keeps what was computed, in memory, up to `maxBytes`; more is `out_of_memory`. Every iteration
   * gives the kept items themselves, which nobody may change. */
  cache(options?: CacheOptions): Dataset<T>;

  [Symbol.asyncIterator](): DatasetIterator<T>;
  /** Iterates from a cursor, with progress and abort. Errors: `hash_mismatch` for a cursor of another
   * dataset. */
  iterate(options?: IterateOptions): DatasetIterator<T>;
  /** All of them. */
  rows(options?: LongOptions): Promise<T[]>;
  /** Deals the rows out to parts. Reads everything, and keeps it in memory as long as a part lives. */
  split(options?: SplitOptions): Promise<Record<string, Split>>;
  /** Reads everything and says which rows do not fit the schema, whatever `onError` says. */
  validate(options?: LongOptions): Promise<ValidationReport>;
  stats(options?: LongOptions): Promise<DatasetStats>;
  /** Hash of all rows in order, of their values alone, whatever format and chunks they came in. */
  hash(options?: LongOptions): Promise<string>;
  columns(options?: LongOptions): Promise<Record<string, Column>>;
  /** All rows as a table of the optional package apache-arrow, which has to be installed: a record batch
   * of what was read together, fields by name in order, optional ones nullable. Strings are Utf8, bytes
   * Binary, timestamps in microseconds with time zone UTC, categorical fields Dictionary<Utf8, Int32> of
   * their categories, lists List; the others have their names. Errors: `unsupported`, with `package`,
   * where apache-arrow does not load; those of reading. */
  toArrow(options?: LongOptions): Promise<Table>;
  /** The dataset as a file's bytes, each field where its `path` leads, in CSV in a column of the path's
   * names with dots between. Errors: `invalid_data` for a row that does not fit the schema, with `row`,
   * `column`, `expected` and `found`; `invalid_argument` for fields that would stand in one place; those
   * of reading. */
  write(format: 'jsonl' | 'csv' | 'parquet', options?: LongOptions): ReadableStream<Uint8Array>;
}
