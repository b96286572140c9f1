// Deals the rows of a dataset out to parts, as the core says, and keeps them in memory.
import { mainRuntime } from '../main-runtime.js';
import { checkOptions, isOneOf, isInteger, isString, longOptions, refuse } from '../options.js';
import { drawSeed } from '../seed.js';
import type { Piece } from '../sources/files.js';
import { join } from '../sources/reading.js';
import type { DatasetSchema, Row, SplitOptions } from '../types/dataset.js';
import type { ColumnBatch } from './columns.js';
import { hashOfPieces } from './hash-pieces.js';
import type { ColumnSource } from './loaded.js';
import { ended, type Identity, readState, type Sequence } from './sequence.js';

const digestBytes = 32;

const isNumbers = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) &&
  Object.values(value).every((number) => Number.isFinite(number))
    ? undefined : 'an object of numbers by name';

const checks = {
  ...longOptions,
  ratios: isNumbers, counts: isNumbers, seed: isInteger(0),
  method: isOneOf('shuffle', 'content', 'huggingface'),
  key: isString, stratify: isString,
};

/** One part, before it is a dataset. */
export interface SplitPart {
  readonly name: string;
  readonly rows: number;
  readonly seed: number;
  readonly hash: string;
  readonly sequence: Sequence<Row>;
  readonly schema: DatasetSchema;
}

/** Rows that lie in memory in columns. */
class Store {
  readonly #batches: readonly ColumnBatch[];
  /** Where each batch begins, and the end. */
  readonly #starts: number[] = [0];

  constructor(batches: readonly ColumnBatch[]) {
    this.#batches = batches;
    for (const { rows } of batches) this.#starts.push((this.#starts.at(-1) as number) + rows);
  }

  get rows(): number {
    return this.#starts.at(-1) as number;
  }

  row(at: number): Row {
    let low = 0;
    let high = this.#batches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] as number) <= at) low = middle;
      else high = middle - 1;
    }
    return (this.#batches[low] as ColumnBatch).row(at - (this.#starts[low] as number));
  }
}

function storedRows(store: Store, rows: Uint32Array, identity: Identity): Sequence<Row> {
  const give = (at: number) => store.row(rows[at] as number);
  return {
    identity,
    length: rows.length,
    pick: async (indices) => Array.from(indices, give),
    open(state) {
      let { at } = readState<{ at: number }>(state, { at: isInteger(0, rows.length) }) ?? { at: 0 };
      return {
        async next() {
          return at < rows.length ? { done: false, value: give(at++) } : ended;
        },
        state: () => ({ at }),
        close: async () => undefined,
      };
    },
  };
}

/** Reads a source and deals its rows out. Errors: `invalid_argument`; those of reading. */
export async function splitRows(
  source: ColumnSource, options: SplitOptions,
): Promise<readonly SplitPart[]> {
  checkOptions(options, checks);
  const { schema } = source;
  const { ratios = options.counts === undefined ? schema.splits : undefined, counts } = options;
  if ((ratios === undefined) === (counts === undefined)) {
    throw refuse('ratios', 'shares by name, here or in the schema, or counts in their place', ratios);
  }
  const { method = 'shuffle', key, stratify, signal, onProgress } = options;
  for (const [argument, name] of Object.entries({ key, stratify })) {
    if (name !== undefined && !schema.fields.some((field) => field.name === name)) {
      throw refuse(argument, 'the name of a field', name);
    }
  }
  const seed = options.seed ?? schema.seed ?? drawSeed();
  const digestFields = [key, stratify].filter((name) => name !== undefined);
  const long = {
    ...(signal === undefined ? {} : { signal }), ...(onProgress === undefined ? {} : { onProgress }),
  };
  const batches: ColumnBatch[] = [];
  for await (const batch of source.batches({ digests: true, digestFields }, long)) batches.push(batch);
  const digests = (list: number) =>
    join(batches.map((batch) => batch.digests[list] as Uint8Array));
  const contents = digests(0);
  const store = new Store(batches);
  const names = Object.keys(ratios ?? counts ?? {});
  const numbers = Object.values(ratios ?? counts ?? {});
  const { client } = await mainRuntime.get();
  const words = await client.call('datasetSplit', {
    options: {
      names, [ratios === undefined ? 'counts' : 'ratios']: numbers, seed, method, rows: store.rows,
      key: key !== undefined, stratify: stratify !== undefined,
    },
    digests: digestFields.length > 0 ? digests(1) : method === 'content' ? contents : new Uint8Array(),
  }, long);
  // Values are known by their digests and types; so a part's rows are the same wherever they came from.
  const fields = schema.fields.map(({ name, type }) => ({ name, type }));
  let at = names.length;
  const parts: SplitPart[] = [];
  for (const [i, name] of names.entries()) {
    const rows = words.slice(at, at += words[i] as number);
    const hash = await hashOfPieces(digestsOf(contents, rows));
    parts.push({
      name, rows: rows.length, seed, hash, schema,
      sequence: storedRows(store, rows, { op: 'split', fields, hash }),
    });
  }
  return parts;
}

/** The digests of some rows, in pieces. */
function* digestsOf(digests: Uint8Array, rows: Uint32Array): Generator<Piece> {
  const pieceRows = 1 << 15;
  for (let begin = 0; begin < rows.length; begin += pieceRows) {
    const some = rows.subarray(begin, begin + pieceRows);
    const piece = new Uint8Array(some.length * digestBytes);
    some.forEach((row, i) =>
      piece.set(digests.subarray(row * digestBytes, (row + 1) * digestBytes), i * digestBytes));
    yield piece;
  }
}
