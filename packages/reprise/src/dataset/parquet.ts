// Parquet files as rows and rows as Parquet files: a chunk of its own, loaded when one is read or
// written. hyparquet and its companions know the format's structures, encodings and codecs; what is
// here checks what they trust, puts rows together, and converts values without loss.
import type { ColumnChunk, FileMetaData, RowGroup } from 'hyparquet';
import { abortedError } from '../errors.js';
import { refuse } from '../options.js';
import type { DatasetSchema, Row, Value } from '../types/dataset.js';
import { fieldValues } from './parquet/assembly.js';
import { loadCodec } from './parquet/codecs.js';
import { ColumnReader, type ColumnRows } from './parquet/column.js';
import { badData, decoding, type Place, unsupported } from './parquet/errors.js';
import type { RandomAccessFile } from './parquet/file.js';
import { readFooter } from './parquet/footer.js';
import {
  columnName, columnsOf, type FieldSource, fieldSources, type Node, readTree,
} from './parquet/tree.js';

export type { RandomAccessFile } from './parquet/file.js';

/** Which rows are read. */
export interface ReadParquetOptions {
  /** Names of fields. Default: all. */
  columns?: readonly string[] | undefined;
  /** Default: 0. */
  firstRow?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** A Parquet file whose footer was read. */
export interface OpenParquet {
  readonly schema: DatasetSchema;
  readonly rows: number;
  /** How many bytes of the file hold these fields, by default all. Errors: as of `read`. */
  bytesOf(fields?: readonly string[]): number;
  /** Rows in order, in batches of some megabytes. Errors: `invalid_data` with file, column and byte or
   * row; `unsupported` with the column for what is well formed and cannot be read; `aborted`. */
  read(options?: ReadParquetOptions): AsyncIterable<readonly Row[]>;
}

/** A batch has at most so many rows, and about so many bytes as the file counts them. */
const mostBatchRows = 4096;
const batchBytes = 2 ** 23;

/** The metadata of a field's columns in one row group. Errors: `unsupported` where they are encrypted or
 * elsewhere; `invalid_data` where they are others. */
function chunksOf(group: RowGroup, source: FieldSource, file: string) {
  return columnsOf(source.node).map((node) => {
    const place: Place = { file, column: columnName(node.path) };
    const chunk = group.columns[node.columns[0]] as ColumnChunk;
    const { meta_data: metadata, file_path: path } = chunk;
    if (chunk.crypto_metadata !== undefined || chunk.encrypted_column_metadata !== undefined) {
      throw unsupported(place, 'a column that is not encrypted', 'an encrypted one');
    }
    if (metadata === undefined) throw badData(place, "the column's metadata", 'none');
    if (path !== undefined && path !== '') {
      throw unsupported(place, 'a column in the file itself', `one in ${path}`);
    }
    const found = `${columnName(metadata.path_in_schema)} of type ${metadata.type}`;
    const expected = `${columnName(node.path)} of type ${node.element.type}`;
    if (found !== expected) throw badData(place, `metadata of ${expected}`, found);
    return { node, metadata };
  });
}

/** Rows of the values of fields. */
function rowsOf(names: readonly string[], columns: readonly (readonly Value[])[], count: number): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < count; at++) {
    const row: Record<string, Value> = {};
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      const value = columns[i]?.[at] as Value;
      if (name !== '__proto__') row[name] = value;
      else Object.defineProperty(row, name, { value, enumerable: true, configurable: true, writable: true });
    }
    rows.push(row);
  }
  return rows;
}

/** The columns of some fields in one row group. */
class GroupReader {
  readonly #file: RandomAccessFile;
  readonly #sources: readonly FieldSource[];
  readonly #readers: ReadonlyMap<Node, ColumnReader>;

  private constructor(
    file: RandomAccessFile, sources: readonly FieldSource[], readers: ReadonlyMap<Node, ColumnReader>,
  ) {
    this.#file = file;
    this.#sources = sources;
    this.#readers = readers;
  }

  /** `firstRow` is the place of the group's first row in the file. */
  static async open(
    file: RandomAccessFile, createdBy: string | undefined, group: RowGroup,
    sources: readonly FieldSource[], firstRow: number,
  ): Promise<GroupReader> {
    const readers = new Map<Node, ColumnReader>();
    const place = { firstRow, rows: Number(group.num_rows) };
    const chunks = decoding({ file: file.name }, "a row group's columns", () =>
      sources.flatMap((source) => chunksOf(group, source, file.name)));
    for (const { node, metadata } of chunks) {
      await loadCodec(metadata.codec);
      readers.set(node, new ColumnReader(file, createdBy, node, metadata, place));
    }
    return new GroupReader(file, sources, readers);
  }

  async skip(rows: number): Promise<void> {
    await Promise.all([...this.#readers.values()].map((reader) => reader.skip(rows)));
  }

  /** The next rows; `firstRow` is the place of the first in the file. */
  async take(rows: number, firstRow: number): Promise<Row[]> {
    const columns = new Map<Node, ColumnRows>();
    await Promise.all([...this.#readers].map(async ([node, reader]) => {
      columns.set(node, await reader.take(rows));
    }));
    const values = this.#sources.map((source) =>
      fieldValues(source, columns, rows, this.#file.name, firstRow));
    return rowsOf(this.#sources.map(({ field }) => field.name), values, rows);
  }

  end(): void {
    for (const reader of this.#readers.values()) reader.end();
  }
}

/** How many rows of a group make a batch. */
function batchRows({ total_byte_size: bytes, num_rows: rows }: RowGroup): number {
  // Nothing depends on it being right.
  const known = typeof bytes === 'bigint' ? Number(bytes) : 0;
  const rowBytes = Math.max(1, known / Math.max(1, Number(rows)));
  return Math.max(1, Math.min(mostBatchRows, Math.floor(batchBytes / rowBytes)));
}

async function* readRows(
  file: RandomAccessFile, metadata: FileMetaData, sources: readonly FieldSource[],
  { firstRow = 0, signal }: ReadParquetOptions,
): AsyncGenerator<readonly Row[], void, undefined> {
  const checkAborted = () => {
    if (signal?.aborted) throw abortedError(`Reading ${file.name}`);
  };
  let start = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    const skipped = Math.min(rows, Math.max(0, firstRow - start));
    if (skipped < rows) {
      checkAborted();
      const reader = await GroupReader.open(file, metadata.created_by, group, sources, start);
      if (skipped > 0) await reader.skip(skipped);
      const most = batchRows(group);
      for (let at = skipped; at < rows; at += most) {
        checkAborted();
        const batch = await reader.take(Math.min(most, rows - at), start + at);
        checkAborted();
        yield batch;
      }
      reader.end();
    }
    start += rows;
  }
}

/** Reads a Parquet file's footer. Errors: `invalid_data` with the file, and the byte or the column;
 * `unsupported` for an encrypted footer and columns that no field can be. */
export async function openParquet(file: RandomAccessFile): Promise<OpenParquet> {
  const metadata = await readFooter(file);
  const place = { file: file.name };
  const root = readTree(metadata, place);
  const sources = fieldSources(root, place);
  const columns = root.columns[1];
  for (const { columns: found } of metadata.row_groups) {
    if (found.length !== columns) {
      throw badData(place, `${columns} columns in each row group`, String(found.length));
    }
  }
  const chosen = (names: readonly string[] | undefined) =>
    (names === undefined ? sources : names.map((name) => {
      const source = sources.find(({ field }) => field.name === name);
      if (source !== undefined) return source;
      throw refuse('columns', `fields of ${sources.map(({ field }) => field.name).join(', ')}`, name);
    }));
  return {
    schema: { version: 1, fields: sources.map(({ field }) => field) },
    rows: Number(metadata.num_rows),
    bytesOf: (names) => metadata.row_groups.flatMap((group) =>
      chosen(names).flatMap(({ node }) => columnsOf(node).map(({ columns: [at] }) =>
        Number(group.columns[at]?.meta_data?.total_compressed_size ?? 0))),
    ).reduce((sum, bytes) => sum + bytes, 0),
    read: (options = {}) => readRows(file, metadata, chosen(options.columns), options),
  };
}

/** Writes rows as a Parquet file, which comes in pieces: one a row group, and the footer. A field is a
 * column where its path leads, in groups that are always there; categories are strings. Errors:
 * `invalid_argument` for a schema without fields, or with two in one place; `invalid_data` with `row` and `column` for values that are not of their field. */
export async function* writeParquet(
  schema: DatasetSchema, batches: AsyncIterable<readonly Row[]>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { writeRowGroups } = await import('./parquet/write.js');
  yield* writeRowGroups(schema, batches);
}
