// Tokenizers as callers see them.
import type { Handle, LongOptions } from './long-work.js';
import type { FetchOptions } from './sources.js';

/** How a tokenizer file is fetched, with progress in bytes and abort. */
export interface LoadTokenizerOptions extends LongOptions, FetchOptions {}

/** Which tokens go, so that the result is not too long. */
export interface Truncation {
  /** Longest result in tokens, special ones included; these are kept. */
  maxLength: number;
  /** The end of the text that loses tokens. Default: 'right'. */
  side?: 'left' | 'right' | undefined;
}

/** How results are brought to one length; longer ones stay as they are. */
export interface Padding {
  /** Tokens of the result, or as many as the longest result of the batch has. */
  length: number | 'longest';
  /** Where pad tokens are put. Default: 'right'. */
  side?: 'left' | 'right' | undefined;
  /** Default: the token that the tokenizer's file names to pad with; `invalid_argument` where it
   * names none. */
  padToken?: string | undefined;
  /** Rounds the length up to a multiple of this. Default: 1. */
  multipleOf?: number | undefined;
}

/** How text becomes ids. Wrong lengths and unknown tokens are `invalid_argument`. */
export interface EncodeOptions {
  /** Add what the post-processor adds, such as a begin token. Default: false. */
  addSpecialTokens?: boolean | undefined;
  /** Also return where each token stands in the text. Default: false. */
  offsets?: boolean | undefined;
  /** Special tokens written in the text: taken as tokens, as plain text, or only the listed ones
   * taken as tokens. As plain text they go to the model like any other; one of Unigram or WordLevel may
   * find the token in its vocabulary all the same. Default: 'all'. */
  allowSpecial?: 'all' | 'none' | readonly string[] | undefined;
  /** `removed` in the result counts what went. Default: no truncation, whatever the file says. */
  truncation?: Truncation | undefined;
  /** Default: none, whatever the file says. */
  padding?: Padding | undefined;
}

/** The ids of one text and, where asked for, what belongs to them. */
export interface Encoding {
  readonly ids: Uint32Array;
  /** 1 for a token, 0 for padding; only with `padding`. */
  readonly attentionMask?: Uint8Array;
  /** Pairs [start, end) in UTF-16 units and in UTF-8 bytes, shape [tokens, 2]; [0, 0) for tokens
   * that do not stand in the text; only with `offsets`. */
  readonly offsets?: { readonly utf16: Uint32Array; readonly bytes: Uint32Array };
  /** Tokens that truncation removed. */
  readonly removed: number;
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

/** Settings of a new tokenizer. Sizes outside their range are `invalid_argument`. */
export interface TrainTokenizerOptions extends LongOptions {
  model: 'bpe' | 'unigram';
  /** Size of the finished vocabulary, special tokens included. It is smaller where the texts hold
   * too few pairs or pieces. */
  vocabSize: number;
  /** Special tokens, which get the first ids in this order. Default: none. */
  specialTokens?: readonly string[] | undefined;
  /** Pairs (BPE) or pieces (Unigram) seen less often are not taken. Default: 0. */
  minFrequency?: number | undefined;
  /** How text is cut before the model. Default: 'byte_level' for BPE, 'metaspace' for Unigram. */
  preTokenizer?: 'byte_level' | 'metaspace' | 'whitespace' | undefined;
  /** Default: none. */
  normalizer?: 'nfc' | 'nfd' | 'nfkc' | 'nfkd' | undefined;
  /** Longest token in characters, with 'byte_level' in bytes. BPE, as Hugging Face's trainer, makes
   * a token of three or more only where it stays shorter than this. Default: unlimited for BPE, 16
   * for Unigram. */
  maxTokenLength?: number | undefined;
  /** Token for what cannot be written otherwise; first of all ids unless it is a special token.
   * Default: '<unk>' for Unigram; none for BPE, which leaves characters out that it does not
   * know (with 'byte_level' there are none). */
  unkToken?: string | undefined;
  /** Characters that become tokens even where the texts lack them. Default: the 256 that stand for
   * bytes with 'byte_level', else none. */
  initialAlphabet?: readonly string[] | undefined;
  /** BPE: at most so many single characters, the most frequent ones. Default: unlimited. */
  limitAlphabet?: number | undefined;
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
  /** Errors: `out_of_memory`, after which it goes on as before. */
  encode(text: string, options?: EncodeOptions): Promise<Encoding>;
  /** Encodes many texts, on all threads there are. The order is kept. */
  encodeBatch(texts: readonly string[], options?: EncodeOptions & LongOptions): Promise<Encoding[]>;
  /** Errors: `token_out_of_range` with the position. */
  decode(ids: ArrayLike<number>, options?: DecodeOptions): Promise<string>;
  /** Decodes many lists, on all threads there are. The order is kept. */
  decodeBatch(
    lists: readonly ArrayLike<number>[], options?: DecodeOptions & LongOptions,
  ): Promise<string[]>;
  /** Decodes ids as they come. */
  decodeStream(options?: DecodeOptions): DecodeStream;
  tokenToId(token: string): Promise<number | undefined>;
  idToToken(id: number): Promise<string | undefined>;
  /** Token to id, added tokens included, in the order of ids. */
  vocabulary(): Promise<Map<string, number>>;
  /** Measures what becomes of texts, on all threads there are; the same bits on every machine. */
  metrics(texts: readonly string[], options?: LongOptions): Promise<TokenizerMetrics>;
  /** The tokenizer.json as bytes: those it was loaded from. */
  save(): Promise<Uint8Array>;
}

/** Measures over a set of texts, defined in docs/tokenizer-metrics.md. A ratio to nothing is 0. */
export interface TokenizerMetrics {
  readonly texts: number;
  readonly bytes: number;
  readonly characters: number;
  readonly words: number;
  readonly tokens: number;
  readonly coverage: {
    /** Share of the text's bytes without unk or byte fallback, 0 to 1. */
    readonly text: number;
    /** Share of the vocabulary that occurs, 0 to 1. */
    readonly vocabulary: number;
    readonly unknownTokens: number;
    readonly byteFallbackTokens: number;
  };
  readonly entropy: {
    readonly bitsPerToken: number;
    /** Entropy over log2 of the vocabulary's size, 0 to 1. */
    readonly normalized: number;
  };
  readonly fertility: {
    readonly tokensPerWord: number;
    readonly tokensPerCharacter: number;
    /** By Unicode script name. */
    readonly byScript: Readonly<
      Record<string, { readonly tokensPerWord: number; readonly tokensPerCharacter: number }>
    >;
  };
  readonly compression: { readonly bytesPerToken: number };
  readonly longest: readonly { readonly id: number; readonly token: string }[];
  readonly mostFrequent: readonly {
    readonly id: number;
    readonly token: string;
    readonly count: number;
  }[];
}
