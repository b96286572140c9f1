// Texts become token ids, a block of them at a time.
import { inWords, isInteger, isObject } from '../options.js';
import type { EncodedTexts, Utf8Texts } from '../protocol.js';
import { LoadedTokenizer } from '../tokenizer.js';
import type { DroppedCounts, TokenizeOptions, TokenRow } from '../types/dataset.js';
import type { Encoding, Tokenizer } from '../types/tokenizer.js';
import { markedPlace } from './marked.js';
import {
  type Context, droppedOf, ended, inner, itemError, type Items, type JsonValue, lostPlace,
  nothingDropped, readState, type Sequence, type TokenBlock,
} from './sequence.js';

/** Texts of the first block, so that it comes soon, and of the largest. */
const firstTexts = 8;
const mostTexts = 1024;
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
  /** Texts that the block may have. Whoever resumes reads it again as long as it was, so that the input
   * is always read as far ahead, and what it drops is counted alike. */
  readonly most: number;
  /** What the input left out, for whoever asks for no item any more. */
  readonly dropped: DroppedCounts & JsonValue;
}

/** Encodings without padding or offsets as the core answers them. */
function wordsOf(encodings: readonly Encoding[]): EncodedTexts {
  const count = encodings.length;
  const words = new Uint32Array(encodings.reduce((sum, { ids }) => sum + ids.length, 3 * count));
  let begin = 3 * count;
  for (const [i, { ids, removed }] of encodings.entries()) {
    words[i] = ids.length;
    words[count + i] = removed;
    words.set(ids, begin);
    begin += ids.length;
  }
  return words;
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
  /** Counts, removed counts and padding of the block's texts, then their ids. */
  #words: EncodedTexts = new Uint32Array();
  /** Texts of the block, those of them given, and where the ids of the next begin. */
  #count = 0;
  #at = 0;
  #begin = 0;
  /** Texts that the block may have. */
  #most: number;
  #isBegun = false;
  readonly #before: DroppedCounts;
  /** What comes behind the block: nothing, or an error. */
  #end: { readonly thrown?: unknown } | undefined;

  constructor(
    of: Sequence<unknown>, tokenizer: Tokenizer, field: string | undefined,
    options: TokenizeOptions, state: JsonValue | undefined, context: Context,
  ) {
    const read = readState<TokenizeState>(state, {
      ...markedPlace, index: isInteger(0), most: isInteger(1, mostTexts), dropped: isObject,
    });
    this.#tokenizer = tokenizer;
    this.#field = field;
    this.#options = options;
    this.#context = context;
    this.#start = read?.of ?? null;
    this.#index = read?.index ?? 0;
    this.#skip = read?.skip ?? 0;
    this.#most = read?.most ?? firstTexts;
    this.#before = read?.dropped ?? nothingDropped;
    this.#input = of.open(inner(read?.of), context);
  }

  async next(): Promise<IteratorResult<TokenRow, undefined>> {
    while (this.#at >= this.#count) {
      if (this.#end !== undefined) {
        if ('thrown' in this.#end) throw this.#end.thrown;
        return ended;
      }
      await this.#fill();
    }
    return this.ready() as IteratorYieldResult<TokenRow>;
  }

  ready(): IteratorYieldResult<TokenRow> | undefined {
    if (this.#at >= this.#count) return undefined;
    const end = this.#begin + (this.#words[this.#at] as number);
    const tokens = this.#words.slice(this.#begin, end);
    const removed = this.#words[this.#count + this.#at] as number;
    this.#at++;
    this.#begin = end;
    return {
      done: false, value: this.#options.truncation === undefined ? { tokens } : { tokens, removed },
    };
  }

  tokens(): TokenBlock | undefined {
    if (this.#at >= this.#count) return undefined;
    const block = {
      tokens: this.#words.subarray(this.#begin), counts: this.#words.subarray(this.#at, this.#count),
    };
    this.#at = this.#count;
    return block;
  }

  async #fill(): Promise<void> {
    if (this.#isBegun) {
      this.#start = this.#input.state();
      this.#index += this.#count;
      this.#most = Math.min(2 * this.#most, mostTexts);
    }
    this.#isBegun = true;
    this.#count = 0;
    this.#at = 0;
    let texts = await this.#read();
    const countOf = () => ('sizes' in texts ? texts.sizes.length : texts.length);
    // Blocks end where a piece of a download does, which may be elsewhere each time.
    while (countOf() < this.#skip && this.#end === undefined) {
      this.#skip -= countOf();
      this.#index += countOf();
      this.#start = this.#input.state();
      texts = await this.#read();
    }
    const count = countOf();
    if (count < this.#skip && !(this.#end !== undefined && 'thrown' in this.#end)) throw lostPlace();
    if (count === 0) return;
    const options = { ...this.#options, signal: this.#context.signal };
    this.#words = this.#tokenizer instanceof LoadedTokenizer
      ? await this.#tokenizer.encodeWords(texts, options)
      : wordsOf(await this.#tokenizer.encodeBatch(texts as string[], options));
    this.#count = count;
    this.#begin = 3 * count;
    for (; this.#at < this.#skip; this.#at++) this.#begin += this.#words[this.#at] as number;
    this.#skip = 0;
  }

  /** The texts of the next block, as UTF-8 where the rows are at hand so; what ends it early is kept
   * until they were given. */
  async #read(): Promise<string[] | Utf8Texts> {
    const texts: string[] = [];
    try {
      if (this.#field !== undefined && this.#tokenizer instanceof LoadedTokenizer) {
        const found = await this.#input.texts?.(this.#field, this.#most, mostUnits);
        if (found !== undefined) return found;
      }
      for (let units = 0; texts.length < this.#most && units < mostUnits;) {
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
    return {
      of: this.#start, skip: this.#skip + this.#at, index: this.#index, most: this.#most,
      dropped: { ...this.dropped() },
    };
  }

  dropped(): DroppedCounts {
    return this.#isBegun ? droppedOf(this.#input) : this.#before;
  }

  close(): Promise<void> {
    return this.#input.close();
  }
}
