// Texts become token ids, a block of them at a time.
import { inWords, isInteger } from '../options.js';
import type { Utf8Texts } from '../protocol.js';
import { LoadedTokenizer } from '../tokenizer.js';
import type { TokenizeOptions, TokenRow } from '../types/dataset.js';
import type { Tokenizer } from '../types/tokenizer.js';
import { markedPlace } from './marked.js';
import {
  type Context, droppedOf, ended, inner, itemError, type Items, type JsonValue, readState,
  type Sequence,
} from './sequence.js';

/** Texts of the first block, so that it comes soon, and of the largest. */
const firstTexts = 8;
const mostTexts = 256;
/** Where a block ends before that, in UTF-16 units, or bytes of UTF-8. */
const mostUnits = 1 << 18;

/** The token ids of items that are strings, or of this field of rows. */
export function tokenize(
  of: Sequence<unknown>, tokenizer: Tokenizer, field: string | undefined, options: TokenizeOptions,
): Sequence<TokenRow> {
  const { addSpecialTokens = false, allowSpecial = 'all', truncation } = options;
  const settings = {
    addSpecialTokens, allowSpecial,
    truncation: truncation === undefined ? null
      : { maxLength: truncation.maxLength, side: truncation.side ?? 'right' },
  };
  return {
    identity: {
      op: 'tokenize', tokenizer: tokenizer.hash, field: field ?? null, ...settings, of: of.identity,
    },
    length: of.length,
    open: (state, context) => new Tokenized(of, tokenizer, field, options, state, context),
  };
}

interface TokenizeState {
  /** Of the input before the block. */
  readonly of: JsonValue;
  /** Items of the block that were given. */
  readonly skip: number;
  /** The block's first item's place in the input. */
  readonly index: number;
}

class Tokenized implements Items<TokenRow> {
  readonly #tokenizer: Tokenizer;
  readonly #field: string | undefined;
  readonly #options: TokenizeOptions;
  readonly #context: Context;
  readonly #input: Items<unknown>;
  #start: JsonValue;
  #index: number;
  #skip: number;
  #block: TokenRow[] = [];
  #at = 0;
  #texts = firstTexts;
  /** What comes behind the block: nothing, or an error. */
  #end: { readonly thrown?: unknown } | undefined;

  constructor(
    of: Sequence<unknown>, tokenizer: Tokenizer, field: string | undefined,
    options: TokenizeOptions, state: JsonValue | undefined, context: Context,
  ) {
    const read = readState<TokenizeState>(state, { ...markedPlace, index: isInteger(0) });
    this.#tokenizer = tokenizer;
    this.#field = field;
    this.#options = options;
    this.#context = context;
    this.#start = read?.of ?? null;
    this.#index = read?.index ?? 0;
    this.#skip = read?.skip ?? 0;
    this.#input = of.open(inner(read?.of), context);
  }

  async next(): Promise<IteratorResult<TokenRow, undefined>> {
    while (this.#at >= this.#block.length) {
      if (this.#end !== undefined) {
        if ('thrown' in this.#end) throw this.#end.thrown;
        return ended;
      }
      await this.#fill();
    }
    return this.ready() as IteratorYieldResult<TokenRow>;
  }

  ready(): IteratorYieldResult<TokenRow> | undefined {
    if (this.#at >= this.#block.length) return undefined;
    return { done: false, value: this.#block[this.#at++] as TokenRow };
  }

  async #fill(): Promise<void> {
    for (; this.#skip > 0; this.#skip--, this.#index++) await this.#input.next();
    this.#start = this.#input.state();
    this.#index += this.#block.length;
    this.#block = [];
    this.#at = 0;
    const texts = await this.#read();
    this.#texts = Math.min(2 * this.#texts, mostTexts);
    if (!('sizes' in texts) && texts.length === 0) return;
    const { signal } = this.#context;
    const options = { ...this.#options, signal };
    const encodings = 'sizes' in texts
      ? await (this.#tokenizer as LoadedTokenizer).encodeUtf8(texts, options)
      : await this.#tokenizer.encodeBatch(texts, options);
    const counts = this.#options.truncation !== undefined;
    this.#block = encodings.map(
      ({ ids, removed }) => (counts ? { tokens: ids, removed } : { tokens: ids }));
  }

  /** The texts of the next block, as UTF-8 where the rows are at hand so; what ends it early is kept
   * until they were given. */
  async #read(): Promise<string[] | Utf8Texts> {
    const texts: string[] = [];
    try {
      if (this.#field !== undefined && this.#tokenizer instanceof LoadedTokenizer) {
        const found = await this.#input.texts?.(this.#field, this.#texts, mostUnits);
        if (found !== undefined) return found;
      }
      for (let units = 0; texts.length < this.#texts && units < mostUnits;) {
        const got = this.#input.ready?.() ?? await this.#input.next();
        if (got.done === true) {
          this.#end = {};
          break;
        }
        const text = this.#textOf(got.value, this.#index + texts.length);
        units += text.length;
        texts.push(text);
      }
    } catch (thrown) {
      this.#end = { thrown };
    }
    return texts;
  }

  #textOf(item: unknown, row: number): string {
    const field = this.#field;
    if (field === undefined) {
      if (typeof item === 'string') return item;
      throw itemError(row, `expected a text, found ${inWords(item)}; tokenize can be given a field`);
    }
    if (typeof item !== 'object' || item === null) {
      throw itemError(row, `expected an object with the field ${JSON.stringify(field)}, found ` +
        inWords(item));
    }
    const text: unknown = Object.hasOwn(item, field)
      ? (item as Record<string, unknown>)[field] : undefined;
    if (typeof text === 'string') return text;
    throw itemError(row, `expected a text in the field ${JSON.stringify(field)}, found ` +
      inWords(text));
  }

  state(): JsonValue {
    return { of: this.#start, skip: this.#skip + this.#at, index: this.#index };
  }

  dropped() {
    return droppedOf(this.#input);
  }

  close(): Promise<void> {
    return this.#input.close();
  }
}
