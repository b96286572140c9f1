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

  /** Adds the tokens of a document from `begin` to `end`. */
  add({ tokens, labels }: TokenRow, begin: number, end: number): void {
    const isWhole = begin === 0 && end === tokens.length;
    const part = isWhole ? tokens : tokens.subarray(begin, end);
    if (labels !== undefined) this.#labels ??= Int32Array.from(this.#tokens);
    this.#tokens.set(part, this.filled);
    this.#labels?.set(labels?.subarray(begin, end) ?? part, this.filled);
    this.filled += part.length;
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

class Packed implements Items<TokenRow> {
  readonly #settings: PackSettings;
  readonly #context: Context;
  readonly #documents: Marked<unknown>;
  readonly #row: OpenRow;
  /** The document at hand. */
  #document: TokenRow | undefined;
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
      this.#document ??= this.#readyDocument();
      if (this.#document === undefined) {
        if (pace.isDue) await pace.rest();
        this.#document = await this.#nextDocument();
      }
      if (this.#document === undefined) return this.#flush() ? this.#give() : ended;
      if (this.#fill(this.#document)) return this.#give();
    }
  }

  #readyDocument(): TokenRow | undefined {
    const got = this.#documents.ready();
    return got === undefined ? undefined : checkTokenRow(got.value, this.#index);
  }

  async #nextDocument(): Promise<TokenRow | undefined> {
    const got = await this.#documents.next();
    return got.done === true ? undefined : checkTokenRow(got.value, this.#index);
  }

  /** Puts what fits of a document and its `eos` into the row; whether that is to be given. */
  #fill(document: TokenRow): boolean {
    const { eos } = this.#settings;
    const count = document.tokens.length;
    const total = count + (eos === null ? 0 : 1);
    if (this.#offset > total) {
      throw itemError(this.#index, `has ${total} tokens, and the cursor stands behind ` +
        `${this.#offset} of them`);
    }
    const end = Math.min(this.#offset + this.#row.room, total);
    if (this.#offset < count) this.#row.add(document, this.#offset, Math.min(end, count));
    if (eos !== null && end === total && this.#offset < total) {
      this.#row.addEos(eos, document.labels !== undefined);
    }
    this.#offset = end;
    if (end < total) return true;
    this.#document = undefined;
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
      of: this.#documents.placeAfter(
        this.#documents.count - (this.#document === undefined ? 0 : 1)),
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
