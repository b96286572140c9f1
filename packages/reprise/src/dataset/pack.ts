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

  add(tokens: Uint32Array, labels: Int32Array | undefined): void {
    if (labels !== undefined) this.#labels ??= Int32Array.from(this.#tokens);
    this.#tokens.set(tokens, this.filled);
    this.#labels?.set(labels ?? tokens, this.filled);
    this.filled += tokens.length;
  }

  pad(id: number): void {
    const count = this.room;
    this.add(new Uint32Array(count).fill(id), new Int32Array(count).fill(ignoredLabel));
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
  /** The document at hand, with its `eos`. */
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
      if (pace.isDue) await pace.rest();
      this.#document ??= await this.#nextDocument();
      if (this.#document === undefined) return this.#flush() ? this.#give() : ended;
      if (this.#fill(this.#document)) return this.#give();
    }
  }

  async #nextDocument(): Promise<TokenRow | undefined> {
    const got = await this.#documents.next();
    if (got.done === true) return undefined;
    const document = checkTokenRow(got.value, this.#index);
    const { eos } = this.#settings;
    if (eos === null) return document;
    const { tokens, labels } = document;
    const withEos = new Uint32Array(tokens.length + 1);
    withEos.set(tokens);
    withEos[tokens.length] = eos;
    if (labels === undefined) return { tokens: withEos };
    const labelsWithEos = new Int32Array(labels.length + 1);
    labelsWithEos.set(labels);
    labelsWithEos[labels.length] = eos;
    return { tokens: withEos, labels: labelsWithEos };
  }

  /** Puts what fits of a document into the row; whether that is to be given. */
  #fill({ tokens, labels }: TokenRow): boolean {
    if (this.#offset > tokens.length) {
      throw itemError(this.#index, `has ${tokens.length} tokens, and the cursor stands behind ` +
        `${this.#offset} of them`);
    }
    const end = Math.min(this.#offset + this.#row.room, tokens.length);
    this.#row.add(tokens.subarray(this.#offset, end), labels?.subarray(this.#offset, end));
    this.#offset = end;
    if (end < tokens.length) return true;
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
