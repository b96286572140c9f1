// Tokenizers as callers see them.
import type { Handle, LongOptions } from './long-work.js';
import type { FetchOptions } from './sources.js';

/** How a tokenizer file is fetched, with progress in bytes and abort. */
export interface LoadTokenizerOptions extends LongOptions, FetchOptions {}

/** How text becomes ids. */
export interface EncodeOptions {
  /** Add what the post-processor adds, such as a begin token. Default: false. */
  addSpecialTokens?: boolean | undefined;
}

/** The ids of one text. */
export interface Encoding {
  readonly ids: Uint32Array;
}

/** How ids become text. */
export interface DecodeOptions {
  /** Leave special tokens out of the text. Default: true. */
  skipSpecialTokens?: boolean | undefined;
}

/** Turns ids into text one at a time, holding back incomplete UTF-8. */
export interface DecodeStream extends Handle {
  /** The text that this id completes; often a word, sometimes ''. */
  push(id: number): Promise<string>;
  /** What was held back, with U+FFFD for bytes that never became a character. */
  finish(): Promise<string>;
}

/** A token that stands for itself and is never split. */
export interface SpecialToken {
  readonly id: number;
  readonly content: string;
}

/** A tokenizer: the whole pipeline of a tokenizer.json. Lone surrogates in text count as U+FFFD. */
export interface Tokenizer extends Handle {
  /** SHA-256 of the file's bytes. */
  readonly hash: string;
  readonly vocabSize: number;
  readonly specialTokens: readonly SpecialToken[];
  encode(text: string, options?: EncodeOptions): Promise<Encoding>;
  /** Encodes many texts. The order is kept. */
  encodeBatch(texts: readonly string[], options?: EncodeOptions & LongOptions): Promise<Encoding[]>;
  /** Errors: `token_out_of_range` with the position. */
  decode(ids: ArrayLike<number>, options?: DecodeOptions): Promise<string>;
  /** Decodes ids as they come. */
  decodeStream(options?: DecodeOptions): DecodeStream;
  tokenToId(token: string): Promise<number | undefined>;
  idToToken(id: number): Promise<string | undefined>;
}
