// Rows behind transformations in columns: they pass through the core again, which holds each against
// the dataset's schema, or against the one that the first rows seem to have.
import type { Piece } from '../sources/files.js';
import type { DatasetSchema } from '../types/dataset.js';
import type { LongOptions } from '../types/long-work.js';
import type { DataFile } from './data-files.js';
import { defaultSampleRows } from './defaults.js';
import { fieldsByName, flatSchema } from './fields.js';
import { type ColumnSource, FileSequence, sampleOf } from './loaded.js';
import { rowPieces, rowsName as name } from './row-json.js';
import { RowKinds } from './row-kinds.js';

/** Rows from the beginning. */
export type OpenRows = (long: LongOptions) => AsyncIterable<unknown>;

/** Of a row that does not fit what was inferred. */
const hint = 'What rows behind map look like is inferred from the first ' +
  `${defaultSampleRows.toLocaleString('en-US')}; map(fn, { schema }) says it.`;

/** Rows whose schema is known. */
export function rowColumns(open: OpenRows, schema: DatasetSchema): ColumnSource {
  const shaped = fieldsByName(schema);
  const file: DataFile = {
    name, identity: null, isMade: true, open: (long) => rowPieces(open(long), { shaped }),
  };
  return withSchema(fileOf(file, flatSchema(schema)), schema);
}

/** Rows whose schema is inferred from the first of them, which come once for that and for the first
 * reading. Whoever does not read them has to close it. Errors: `invalid_data`, which says how to give a
 * schema, also where a later row does not fit. */
export async function inferredColumns(
  open: OpenRows, long: LongOptions,
): Promise<ColumnSource> {
  const kinds = new RowKinds();
  kinds.expect(defaultSampleRows);
  let ahead: Ahead | undefined = new Ahead(rowPieces(open(long), { seen: (row) => kinds.add(row) }));
  const close = async () => ahead?.close();
  const file: DataFile = {
    name, identity: null, isMade: true, hint,
    open(again) {
      const first = ahead;
      ahead = undefined;
      return first?.rest() ?? rowPieces(open(again));
    },
  };
  try {
    const sample = { format: 'jsonl', sampleRows: defaultSampleRows };
    const schema = await kinds.refined((await sampleOf(file, ahead.sample(), sample)).schema);
    const files = fileOf(file, schema);
    return {
      schema, close,
      batches: (options, again) => files.batches(options, again),
      columns: (again) => files.columns(again),
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

const fileOf = (file: DataFile, schema: DatasetSchema) =>
  new FileSequence([file], schema, { format: 'jsonl' });

/** The same with a schema that says more of its fields. */
function withSchema(source: ColumnSource, schema: DatasetSchema): ColumnSource {
  return {
    schema,
    batches: (options, long) => source.batches(options, long),
    async columns(long) {
      const columns = Object.entries(await source.columns(long));
      return Object.fromEntries(columns.map(([field, column], i) =>
        [field, { ...column, field: schema.fields[i] ?? column.field }]));
    },
  };
}

/** Pieces of which the first are looked at before all of them are read. */
class Ahead {
  readonly #pieces: AsyncGenerator<Piece>;
  readonly #seen: Piece[] = [];

  constructor(pieces: AsyncGenerator<Piece>) {
    this.#pieces = pieces;
  }

  /** The first ones, which may be given away. */
  async *sample(): AsyncGenerator<Piece> {
    for (;;) {
      const { done, value } = await this.#pieces.next();
      if (done === true) return;
      this.#seen.push(value);
      yield value.slice();
    }
  }

  /** All of them. */
  async *rest(): AsyncGenerator<Piece> {
    try {
      for (let piece = this.#seen.shift(); piece !== undefined; piece = this.#seen.shift()) yield piece;
      yield* this.#pieces;
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#pieces.return(undefined);
  }
}
