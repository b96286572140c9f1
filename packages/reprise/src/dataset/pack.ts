// Documents become rows of one length.
import { isAnything, isInteger } from '../options.js';
import type { DroppedCounts, PackOptions, TokenRow } from '../types/dataset.js';
import { Marked } from './marked.js';
import {
  type Context, droppedOf, ended, inner, itemError, type Items, type JsonValue, readState,
  type Sequence,
} from './sequence.js';
import { checkTokenRow, ignoredLabel } from './tokens.js';

interface PackSettings {
  readonly length: number;
  readonly eos: number | null;
  readonly acrossDocuments: boolean;
  readonly last: 'drop' | 'pad';
  readonly padId: number;
}

/** Rows of exactly `length` tokens, cut from documents in order. */
export function pack(of: Sequence<unknown>, length: number, options: PackOptions): Sequence<TokenRow> {
  const { eos = null, acrossDocuments = true, last = 'drop', padId = 0 } = options;
  const settings: PackSettings = { length, eos, acrossDocuments, last, padId };
  return {
    identity: { op: 'pack', ...settings, of: of.identity },
    open: (state, context) => new Packed(of, settings, state, context),
  };
}

interface PackState {
  /** Of the input before the document that goes on, else behind the last one. */
  readonly of: JsonValue;
  /** Tokens of that document that were given, its `eos` included. */
  readonly offset: number;
  /** Documents before it. */
  readonly index: number;
  /** Tokens left out so far. */
  readonly dropped: number;
}

/** The row that is being filled. */
class OpenRow {
  readonly #length: number;
  #tokens: Uint32Array;
  /** Only where a document has some, or for padding. */
  #labels: Int32Array | undefined;
  filled = 0;

  constructor(length: number) {
    this.#length = length;
    this.#tokens = new Uint32Array(length);
  }

  get room(): number {
    return this.#length - this.filled;
  }

  /** Adds tokens from `begin` to `end`, and their labels, which are the tokens where there are none. */
  add({ tokens, labels }: TokenRow, begin: number, end: number): void {
    if (labels !== undefined) this.#labels ??= Int32Array.from(this.#tokens);
    const from = labels ?? tokens;
    // Most documents are short: one by one costs less than two views.
    for (let i = begin, to = this.filled; i < end; i++, to++) {
      this.#tokens[to] = tokens[i] as number;
      if (this.#labels !== undefined) this.#labels[to] = from[i] as number;
    }
    this.filled += end - begin;
  }

  /** Adds the token behind a document, which has labels or not. */
  addEos(id: number, hasLabels: boolean): void {
    if (hasLabels) this.#labels ??= Int32Array.from(this.#tokens);
    this.#tokens[this.filled] = id;
    if (this.#labels !== undefined) this.#labels[this.filled] = id;
    this.filled++;
  }

  pad(id: number): void {
    const count = this.room;
    const labels = new Int32Array(count).fill(ignoredLabel);
    this.add({ tokens: new Uint32Array(count).fill(id), labels }, 0, count);
  }

  /** The row; a new one begins. */
  take(): TokenRow {
    const row = this.#labels === undefined
      ? { tokens: this.#tokens } : { tokens: this.#tokens, labels: this.#labels };
    this.#tokens = new Uint32Array(this.#length);
    this.#labels = undefined;
    this.filled = 0;
    return row;
  }
}

/** Documents one behind the other; labels only where there is one of them. */
interface Documents extends TokenRow {
  /** Tokens of each. */
  readonly counts: ArrayLike<number>;
}

class Packed implements Items<TokenRow> {
  readonly #settings: PackSettings;
  readonly #context: Context;
  readonly #documents: Marked<unknown>;
  readonly #row: OpenRow;
  /** Documents at hand, one behind the other. */
  #block: Documents | undefined;
  /** Of these those that are packed, and where the next begins. */
  #packed = 0;
  #begin = 0;
  #offset: number;
  #index: number;
  #dropped: number;

  constructor(
    of: Sequence<unknown>, settings: PackSettings, state: JsonValue | undefined, context: Context,
  ) {
    const read = readState<PackState>(state, {
      of: isAnything, offset: isInteger(0), index: isInteger(0), dropped: isInteger(0),
    });
    this.#settings = settings;
    this.#context = context;
    this.#row = new OpenRow(settings.length);
    this.#offset = read?.offset ?? 0;
    this.#index = read?.index ?? 0;
    this.#dropped = read?.dropped ?? 0;
    this.#documents = new Marked(of, inner(read?.of), context);
  }

  async next(): Promise<IteratorResult<TokenRow, undefined>> {
    const { pace } = this.#context;
    for (;;) {
      if (this.#block === undefined && !this.#takeReady()) {
        if (pace.isDue) await pace.rest();
        const got = await this.#documents.next();
        if (got.done === true) return this.#flush() ? this.#give() : ended;
        this.#take(got.value);
      }
      if (this.#fill(this.#block as Documents)) return this.#give();
    }
  }

  /** Takes documents that nobody has to wait for; whether there were some. */
  #takeReady(): boolean {
    const block = this.#documents.tokens();
    if (block !== undefined) this.#block = block;
    else {
      const got = this.#documents.ready();
      if (got === undefined) return false;
      this.#take(got.value);
    }
    return true;
  }

  #take(document: unknown): void {
    const { tokens, labels } = checkTokenRow(document, this.#index);
    this.#block = { tokens, counts: [tokens.length], ...(labels === undefined ? {} : { labels }) };
  }

  /** Puts what fits of the next document and its `eos` into the row; whether that is to be given. */
  #fill(block: Documents): boolean {
    const { eos } = this.#settings;
    const count = block.counts[this.#packed] as number;
    const total = count + (eos === null ? 0 : 1);
    if (this.#offset > total) {
      throw itemError(this.#index, `has ${total} tokens, and the cursor stands behind ` +
        `${this.#offset} of them`);
    }
    const end = Math.min(this.#offset + this.#row.room, total);
    if (this.#offset < count) {
      this.#row.add(block, this.#begin + this.#offset, this.#begin + Math.min(end, count));
    }
    if (eos !== null && end === total && this.#offset < total) {
      this.#row.addEos(eos, block.labels !== undefined);
    }
    this.#offset = end;
    if (end < total) return true;
    this.#packed++;
    this.#begin += count;
    if (this.#packed === block.counts.length) {
      this.#block = undefined;
      this.#packed = this.#begin = 0;
    }
    this.#offset = 0;
    this.#index++;
    return this.#row.room === 0 || (!this.#settings.acrossDocuments && this.#flush());
  }

  /** Ends a row that is not full; whether it is to be given. */
  #flush(): boolean {
    if (this.#row.filled === 0) return false;
    if (this.#settings.last === 'pad') {
      this.#row.pad(this.#settings.padId);
      return true;
    }
    this.#dropped += this.#row.filled;
    this.#row.take();
    return false;
  }

  #give(): IteratorYieldResult<TokenRow> {
    return { done: false, value: this.#row.take() };
  }

  state(): JsonValue {
    return {
      of: this.#documents.placeAfter(this.#documents.count -
        (this.#block === undefined ? 0 : this.#block.counts.length - this.#packed)),
      offset: this.#offset, index: this.#index, dropped: this.#dropped,
    };
  }

  dropped(): DroppedCounts {
    return droppedOf(this.#documents, { rows: 0, tokens: this.#dropped });
  }

  close(): Promise<void> {
    return this.#documents.close();
  }
}
