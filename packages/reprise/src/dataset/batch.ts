// Rows become batches: token rows one typed array, other rows lists.
import { isAnything, isInteger } from '../options.js';
import type { BatchOf, BatchOptions, DroppedCounts, TokenBatch, TokenRow } from '../types/dataset.js';
import {
  type Context, droppedOf, ended, inner, itemError, type Items, type JsonValue, type Pace, readState,
  type Sequence,
} from './sequence.js';
import { checkTokenRow, ignoredLabel, isTokenRow } from './tokens.js';

interface BatchSettings {
  readonly size: number;
  readonly dropLast: boolean;
  readonly padTo: number | 'longest' | null;
  readonly padId: number;
}

/** Batches of `size` items, the last one with what is left. */
export function batch<T>(of: Sequence<T>, size: number, options: BatchOptions): Sequence<BatchOf<T>> {
  const { dropLast = false, padTo = null, padId = 0 } = options;
  const settings: BatchSettings = { size, dropLast, padTo, padId };
  return {
    identity: { op: 'batch', ...settings, of: of.identity },
    length: of.length === undefined ? undefined
      : dropLast ? Math.floor(of.length / size) : Math.ceil(of.length / size),
    open: (state, context) => new Batched(of, settings, state, context),
  };
}

interface BatchState {
  readonly of: JsonValue;
  /** Items before the next batch. */
  readonly index: number;
  /** Items left out. */
  readonly dropped: number;
}

class Batched<T> implements Items<BatchOf<T>> {
  readonly #settings: BatchSettings;
  readonly #input: Items<T>;
  readonly #pace: Pace;
  #index: number;
  #dropped: number;

  constructor(
    of: Sequence<T>, settings: BatchSettings, state: JsonValue | undefined, context: Context,
  ) {
    const read = readState<BatchState>(
      state, { of: isAnything, index: isInteger(0), dropped: isInteger(0) });
    this.#settings = settings;
    this.#pace = context.pace;
    this.#index = read?.index ?? 0;
    this.#dropped = read?.dropped ?? 0;
    this.#input = of.open(inner(read?.of), context);
  }

  async next(): Promise<IteratorResult<BatchOf<T>, undefined>> {
    const { size, dropLast, padTo } = this.#settings;
    const items: T[] = [];
    while (items.length < size) {
      if (this.#pace.isDue) await this.#pace.rest();
      const got = await this.#input.next();
      if (got.done === true) break;
      items.push(got.value);
    }
    if (items.length < size && dropLast) {
      this.#dropped += items.length;
      return ended;
    }
    if (items.length === 0) return ended;
    const first = this.#index;
    this.#index += items.length;
    const hasTokens = isTokenRow(items[0]);
    if (!hasTokens && padTo !== null) checkTokenRow(items[0], first);
    const value = hasTokens
      ? joinRows(items.map((item, i) => checkTokenRow(item, first + i)), first, this.#settings)
      : items;
    return { done: false, value: value as BatchOf<T> };
  }

  state(): JsonValue {
    return { of: this.#input.state(), index: this.#index, dropped: this.#dropped };
  }

  dropped(): DroppedCounts {
    return droppedOf(this.#input, { rows: this.#dropped, tokens: 0 });
  }

  close(): Promise<void> {
    return this.#input.close();
  }
}

/** One array of token rows, of which the first one's place in the input is `first`. */
function joinRows(
  rows: readonly TokenRow[], first: number, { padTo, padId }: BatchSettings,
): TokenBatch {
  const longest = rows.reduce((most, { tokens }) => Math.max(most, tokens.length), 0);
  const length = typeof padTo === 'number' ? padTo
    : padTo === 'longest' ? longest : (rows[0] as TokenRow).tokens.length;
  const wrong = rows.findIndex(({ tokens }) =>
    (padTo === null ? tokens.length !== length : tokens.length > length));
  if (wrong >= 0) {
    const found = rows[wrong]?.tokens.length;
    throw itemError(first + wrong, padTo === null
      ? `has ${found} tokens where the batch's first row has ${length}; padTo pads rows`
      : `has ${found} tokens, more than padTo: ${length}`);
  }
  const tokens = new Uint32Array(rows.length * length).fill(padId);
  const isPlain = rows.every((row) => row.labels === undefined && row.tokens.length === length);
  const labels = isPlain ? undefined : new Int32Array(tokens.length).fill(ignoredLabel);
  rows.forEach((row, i) => {
    tokens.set(row.tokens, i * length);
    labels?.set(row.labels ?? row.tokens, i * length);
  });
  const shape = [rows.length, length] as const;
  return labels === undefined ? { tokens, shape } : { tokens, labels, shape };
}
