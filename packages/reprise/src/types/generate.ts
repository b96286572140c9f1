// Generation: prompts, sampling options, results.
import type { LongOptions, TelemetryEvent } from './long-work.js';
import type { RunRecord } from './run.js';

/** A text or token ids. A text gets the tokenizer's special tokens, ids are taken as they are. */
export type Prompt = string | ArrayLike<number>;

/** Applied in this order: repetition penalty, frequency and presence penalty, bias, temperature,
 * top-k, top-p, min-p. Ties go to the lowest id. */
export interface SamplingOptions {
  /** 0 is greedy; otherwise > 0, finite. Default: 1. */
  temperature?: number | undefined;
  /** Keep the k likeliest; an integer ≥ 0, 0 is off. Default: 0. */
  topK?: number | undefined;
  /** Keep the smallest set of at least this probability, in (0, 1]. Default: 1. */
  topP?: number | undefined;
  /** Keep tokens of at least this share of the likeliest's probability, in [0, 1]. Default: 0. */
  minP?: number | undefined;
  /** > 0; over prompt and continuation. Default: 1. */
  repetitionPenalty?: number | undefined;
  /** Times the count among generated tokens, −2 to 2. Default: 0. */
  frequencyPenalty?: number | undefined;
  /** For each token already generated, −2 to 2. Default: 0. */
  presencePenalty?: number | undefined;
  /** Added to the logits, by token id. */
  logitBias?: Readonly<Record<number, number>> | undefined;
}

/** One generation. Values out of range are `invalid_argument`, naming the argument. */
export interface GenerateOptions extends SamplingOptions, LongOptions {
  /** An integer 0 to 2^53 − 1. Default: one is drawn and returned. */
  seed?: number | undefined;
  /** An integer ≥ 1. Default: what the context leaves. */
  maxTokens?: number | undefined;
  /** Texts that end the continuation; they are absent from `text`. */
  stop?: string | readonly string[] | undefined;
  /** Ids that end it. Default: generation_config.json, then config.json; [] is none. */
  stopIds?: readonly number[] | undefined;
  /** Also return logprobs of the chosen token and of the top n, 0 to 20; log-softmax of the raw
   * logits. Default: none. */
  logprobs?: number | undefined;
  /** Return a run record. Default: false. */
  record?: boolean | undefined;
  onTelemetry?: ((event: TelemetryEvent) => void) | undefined;
}

/** Why a generation ended; 'aborted' occurs only in an error's `partial`. */
export type FinishReason = 'stop_id' | 'stop_text' | 'max_tokens' | 'context' | 'aborted';

/** Natural logarithm of a token's probability before penalties, bias and temperature. */
export interface TokenLogprob {
  readonly id: number;
  readonly logprob: number;
  /** The likeliest n, likeliest first. */
  readonly top: readonly { readonly id: number; readonly logprob: number }[];
}

/** How long it took; never part of what is compared. */
export interface Timings {
  /** Until the first token was there. */
  readonly prefillMs: number;
  /** From the first token to the last. */
  readonly decodeMs: number;
  readonly promptTokens: number;
  /** Tokens after the first per second of decoding; 0 where there are none. */
  readonly tokensPerSecond: number;
}

/** A finished generation. */
export interface GenerateResult {
  /** The continuation only, without stop id and stop text; '' where there is no tokenizer. */
  readonly text: string;
  /** The continuation only; a stop id is its last element. */
  readonly tokens: Uint32Array;
  readonly promptIds: Uint32Array;
  readonly finishReason: FinishReason;
  /** The seed given or drawn. */
  readonly seed: number;
  readonly logprobs?: readonly TokenLogprob[];
  readonly timings: Timings;
  /** Where one was asked for. */
  readonly record?: RunRecord;
}

/** One token as it is made; `text` may be '' while characters or a stop text are held back. */
export interface GenerateChunk {
  readonly id: number;
  readonly text: string;
  readonly logprob?: TokenLogprob;
}

/** Chunks as they are made, once; `return()` or an abort ends the work. */
export interface GenerateStream extends AsyncIterableIterator<GenerateChunk> {
  /** The whole result; settles when the loop ends. */
  readonly result: Promise<GenerateResult>;
}

/** How likely a sequence is. */
export interface ScoreResult {
  /** f32, shape [tokens − 1]: logprob of token i + 1. */
  readonly logprobs: Float32Array;
  /** Mean of the negated logprobs. */
  readonly loss: number;
}

/** Which positions' logits are wanted. */
export interface ForwardOptions extends LongOptions {
  /** Default: 'all'. */
  positions?: 'all' | 'last' | undefined;
}

/** Raw logits, before any penalty or temperature. */
export interface ForwardResult {
  /** f32, shape [positions, vocabulary]. */
  readonly logits: Float32Array;
  readonly shape: readonly [positions: number, vocabulary: number];
}
