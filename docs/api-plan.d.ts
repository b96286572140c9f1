// The whole public TypeScript surface of the npm package `reprise`, planned before it is built, in one
// file, so that it can be read and checked as one; hence its length. The
// package declares and exports only what works; this file says what the rest will be called. It
// changes only with a line in the changelog.
//
// Conventions. Token ids are 32-bit integers from 0. Sizes are bytes, durations milliseconds,
// unless the name says otherwise. Hashes are SHA-256 as 64 lower-case hexadecimal digits. Shapes
// are row-major. Logprobs are natural logarithms. An omitted option takes the default named beside it;
// an unknown option is refused with `invalid_argument`. Every promise rejects, and every iterator
// throws, with RepriseError and nothing else.
//
// Entries: `reprise` exports everything here; `reprise/tokenizer` exports the sections Errors, Long
// work, Runtime and capabilities, Sources and Tokenizers but for tokenizer training, with a smaller
// WebAssembly file and a runtime of its own. Importing has no side effect.

// ---------------------------------------------------------------------------------------- Errors

/** What kind of error happened; the names and their meaning are those of schema/errors.json. */
export type RepriseErrorCode =
  | 'invalid_argument'
  | 'invalid_json'
  | 'invalid_config'
  | 'unsupported'
  | 'invalid_safetensors'
  | 'missing_tensor'
  | 'unexpected_tensor'
  | 'shape_mismatch'
  | 'dtype_mismatch'
  | 'invalid_tokenizer'
  | 'token_out_of_range'
  | 'context_overflow'
  | 'out_of_memory'
  | 'not_found'
  | 'network'
  | 'cors'
  | 'aborted'
  | 'busy'
  | 'disposed'
  | 'device_unavailable'
  | 'device_lost'
  | 'hash_mismatch'
  | 'poisoned'
  | 'io'
  | 'internal'
  | 'invalid_data';

/** The one error class. Its fields name place and expectation; absent ones are undefined. */
export declare class RepriseError extends Error {
  /** Only Reprise makes these; `instanceof` works as usual. */
  private constructor();
  readonly name: 'RepriseError';
  readonly code: RepriseErrorCode;
  /** File name or address the error is about. */
  readonly file?: string;
  /** JSON path, such as `$.hidden_size`. */
  readonly path?: string;
  /** Byte offset in the file, from 0. */
  readonly byte?: number;
  /** Row of a dataset, from 0, header not counted. */
  readonly row?: number;
  /** Column or field name of a dataset. */
  readonly column?: string;
  readonly tensor?: string;
  readonly argument?: string;
  readonly expected?: string | number;
  readonly found?: string | number;
  /** Bytes that `out_of_memory` lacked, and bytes there were. */
  readonly needsBytes?: number;
  readonly hasBytes?: number;
  /** HTTP status, where a server answered. */
  readonly status?: number;
  /** What `generate` had made before an abort or a failure. */
  readonly partial?: GenerateResult;
  /** Whatever else the error carries, all fields above included. */
  readonly fields: Readonly<Record<string, string | number>>;
}

// ------------------------------------------------------------------------------------- Long work

/** How far a long call is. `total` is undefined where nobody knows it. */
export interface Progress {
  readonly phase:
    | 'download' | 'read' | 'verify' | 'load' | 'prefill' | 'decode' | 'score' | 'forward' | 'parse'
    | 'tokenize' | 'train' | 'evaluate' | 'save' | 'split' | 'replay';
  readonly done: number;
  readonly total?: number;
  readonly unit: 'bytes' | 'tokens' | 'rows' | 'steps';
  /** File at hand, where there is one. */
  readonly file?: string;
}

/** Options of every call that may take long. */
export interface LongOptions {
  /** Aborting rejects with `aborted` within about 100 ms; what was there before is still there. */
  signal?: AbortSignal;
  /** Called between steps of work, never from inside one; what it throws ends the call, as the
   * `cause` of its `invalid_argument`. */
  onProgress?: (progress: Progress) => void;
}

/** A measured event. It never influences a result. */
export interface TelemetryEvent {
  /** `resume`: a download that broke off goes on. */
  readonly name:
    | 'start' | 'download' | 'resume' | 'load' | 'prefill' | 'decode' | 'memory' | 'train_step' | 'dataset'
    | 'checkpoint' | 'replay';
  /** Duration; 0 for a momentary event. */
  readonly milliseconds: number;
  /** Bytes moved, held for `memory`, or there before for `resume`: the byte at which it goes on. */
  readonly bytes?: number;
  readonly tokens?: number;
  readonly backend?: BackendName;
  /** Address of a `download` or `resume`. */
  readonly file?: string;
}

/** Something that holds memory or a device. Disposing of it twice is fine; using it after is
 * `disposed`. */
export interface Handle {
  dispose(): void;
  [Symbol.dispose](): void;
}

// ----------------------------------------------------------------------- Runtime and capabilities

/** Where the operations run: CPU results are the same bits everywhere, WebGPU's are repeatable on
 * one device and close to the CPU's. */
export type BackendName = 'cpu' | 'webgpu';

/** Settings of the runtime, fixed when it starts (at the first call that needs it). */
export interface RuntimeOptions {
  /** Address of the .wasm file. Default: beside the package's module. */
  wasmUrl?: string | URL;
  /** Address of the worker script, also on another origin. Default: beside the package's module. */
  workerUrl?: string | URL;
  /** Run the core in a worker. Default: true in browsers, false in Node. */
  worker?: boolean;
  /** CPU threads, 1 to 64; more than 1 without shared memory is `device_unavailable`. Default: as
   * many as the machine has, at most 8, and 1 where shared memory is missing. */
  threads?: number;
  /** The `GPU` object to use. Default: `navigator.gpu`; in Node, that of the optional package
   * `webgpu`. */
  gpu?: unknown;
  /** Log one line of capabilities at start. Default: true. */
  log?: boolean;
  onTelemetry?: (event: TelemetryEvent) => void;
}

/** What runs here, what was picked, and why. */
export interface Capabilities {
  readonly version: string;
  /** Goes up whenever any bit of a CPU result changes. */
  readonly numericsVersion: number;
  readonly platform: 'browser' | 'node';
  readonly build: { readonly picked: 'wasm' | 'wasm-threads'; readonly reason: string };
  readonly worker: boolean;
  readonly simd: boolean;
  readonly threads: number;
  readonly crossOriginIsolated: boolean;
  readonly memory: { readonly usedBytes: number; readonly limitBytes: number };
  readonly webgpu:
    | {
        readonly available: true;
        readonly adapter: string;
        readonly features: readonly string[];
        readonly limits: Readonly<Record<string, number>>;
      }
    | { readonly available: false; readonly reason: string };
  /** The same in one line of words. */
  readonly summary: string;
}

/** Starts the runtime with these options. Errors: `busy` if it runs with others already. */
export declare function configure(options: RuntimeOptions): Promise<void>;

/** Says what this machine offers and what was picked; starts the runtime if need be. */
export declare function capabilities(): Promise<Capabilities>;

/** Ends the runtime, its worker and its threads. Everything made with it is disposed of. */
export declare function shutdown(): Promise<void>;

/** Objects alive now; both counts are 0 once everything was disposed of. */
export declare function liveCounts(): Promise<{ handles: number; gpuBuffers: number }>;

// --------------------------------------------------------------------------------------- Sources

/** One file: an address, a path (Node), or its content. Strings with a scheme are addresses; other
 * strings are paths in Node and addresses relative to the page in browsers. */
export type FileSource = string | URL | Blob | Uint8Array | ArrayBuffer;

/** A Hugging Face folder: an address, a path (Node), or its files by name. */
export type FolderSource = string | URL | Readonly<Record<string, FileSource>> | readonly File[];

/** How files are requested, also the rest of one that broke off (docs/datasets.md). */
export interface FetchOptions {
  headers?: Readonly<Record<string, string>>;
  credentials?: RequestCredentials;
  /** Replaces the platform's fetch. */
  fetch?: (input: string, init?: RequestInit) => Promise<Response>;
}

// ------------------------------------------------------------------------------------ Tokenizers

/** How a tokenizer file is fetched, with progress in bytes and abort. */
export interface LoadTokenizerOptions extends LongOptions, FetchOptions {}

/** Loads a `tokenizer.json`. Errors: `invalid_json`, `invalid_tokenizer`, `unsupported` (with the
 * JSON path), `not_found`, `network`, `cors`. */
export declare function loadTokenizer(
  source: FileSource, options?: LoadTokenizerOptions,
): Promise<Tokenizer>;

/** How text becomes ids. Wrong lengths are `invalid_argument`. */
export interface EncodeOptions {
  /** Add what the post-processor adds, such as a begin token. Default: false. */
  addSpecialTokens?: boolean;
  /** Also return where each token stands in the text. Default: false. */
  offsets?: boolean;
  /** Special tokens written in the text: taken as tokens, as plain text, or only the listed ones
   * taken as tokens. Default: 'all'. */
  allowSpecial?: 'all' | 'none' | readonly string[];
  /** Longest result in tokens, special ones included; `removed` in the result counts the rest.
   * Default: no truncation, whatever the file says. */
  truncation?: { maxLength: number; side?: 'left' | 'right' };
  /** Pads to `length` or, in a batch, to the longest. `padToken`'s default is what the file names to
   * pad with. Default: none, whatever the file says. */
  padding?: {
    length: number | 'longest';
    side?: 'left' | 'right';
    padToken?: string;
    multipleOf?: number;
  };
}

/** The ids of one text and, where asked for, what belongs to them. */
export interface Encoding {
  readonly ids: Uint32Array;
  /** 1 for a token, 0 for padding; only with `padding`. */
  readonly attentionMask?: Uint8Array;
  /** Pairs [start, end) in UTF-16 units and in UTF-8 bytes, shape [tokens, 2]; only with
   * `offsets`. */
  readonly offsets?: { readonly utf16: Uint32Array; readonly bytes: Uint32Array };
  /** Tokens that truncation removed. */
  readonly removed: number;
}

/** How ids become text. */
export interface DecodeOptions {
  /** Leave special tokens out of the text. Default: true. */
  skipSpecialTokens?: boolean;
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
  /** Errors: `out_of_memory`, after which it goes on as before. */
  encode(text: string, options?: EncodeOptions): Promise<Encoding>;
  /** Encodes many texts, on all threads there are. The order is kept. */
  encodeBatch(
    texts: readonly string[], options?: EncodeOptions & LongOptions,
  ): Promise<Encoding[]>;
  /** Errors: `token_out_of_range` with the position. */
  decode(ids: ArrayLike<number>, options?: DecodeOptions): Promise<string>;
  decodeBatch(
    lists: readonly ArrayLike<number>[], options?: DecodeOptions & LongOptions,
  ): Promise<string[]>;
  /** Decodes ids as they come. */
  decodeStream(options?: DecodeOptions): DecodeStream;
  tokenToId(token: string): Promise<number | undefined>;
  idToToken(id: number): Promise<string | undefined>;
  /** Token to id, added tokens included. */
  vocabulary(): Promise<Map<string, number>>;
  metrics(texts: readonly string[], options?: LongOptions): Promise<TokenizerMetrics>;
  /** Renders a conversation with the folder's chat template (Jinja). Errors: `unsupported` where
   * the tokenizer came without a template and none is given. */
  applyChatTemplate(messages: readonly ChatMessage[], options?: ChatOptions): Promise<ChatPrompt>;
  /** The tokenizer.json as bytes. */
  save(): Promise<Uint8Array>;
}

/** Measures over a set of texts; the definitions and their sources are in the documentation. */
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

// Tokenizer training

/** Settings of a new tokenizer. Sizes outside their range are `invalid_argument`. */
export interface TrainTokenizerOptions extends LongOptions {
  model: 'bpe' | 'unigram';
  /** Size of the finished vocabulary, special tokens included. It is smaller where the texts hold
   * too few pairs or pieces. */
  vocabSize: number;
  /** Special tokens, which get the first ids in this order. Default: none. */
  specialTokens?: readonly string[];
  /** Pairs (BPE) or pieces (Unigram) seen less often are not taken. Default: 0. */
  minFrequency?: number;
  /** How text is cut before the model. Default: 'byte_level' for BPE, 'metaspace' for Unigram. */
  preTokenizer?: 'byte_level' | 'metaspace' | 'whitespace';
  /** Default: none. */
  normalizer?: 'nfc' | 'nfd' | 'nfkc' | 'nfkd';
  /** Longest token in characters, with 'byte_level' in bytes. BPE, as Hugging Face's trainer, makes
   * a token of three or more only where it stays shorter than this. Default: unlimited for BPE, 16
   * for Unigram. */
  maxTokenLength?: number;
  /** Token for what cannot be written otherwise; first of all ids unless it is a special token.
   * Default: '<unk>' for Unigram; none for BPE, which leaves characters out that it does not
   * know (with 'byte_level' there are none). */
  unkToken?: string;
  /** Characters that become tokens even where the texts lack them. Default: the 256 that stand for
   * bytes with 'byte_level', else none. */
  initialAlphabet?: readonly string[];
  /** BPE: at most so many single characters, the most frequent ones. Default: unlimited. */
  limitAlphabet?: number;
}

/** Trains a tokenizer: the same texts and options give the same tokenizer.json on every machine, in
 * whatever order the texts come. BPE's merges are those of Hugging Face's BpeTrainer. Memory grows
 * with the number of distinct words. Unigram sorts their suffixes in one step, which an abort waits
 * for: about a second for five million characters. Errors: `invalid_argument`, also where there is
 * no word or the vocabulary has no room for the characters; `aborted`; what the iterable throws. */
export declare function trainTokenizer(
  texts: Iterable<string> | AsyncIterable<string>, options: TrainTokenizerOptions,
): Promise<Tokenizer>;

// Chat templates

/** One turn of a conversation, as the template reads it. */
export interface ChatMessage {
  role: string;
  content: string | readonly Readonly<Record<string, unknown>>[];
  /** Anything else the template reads, such as tool calls. */
  [key: string]: unknown;
}

/** How a conversation is rendered. */
export interface ChatOptions {
  /** Jinja source, or the name of one of the folder's templates. Default: the folder's default. */
  template?: string;
  /** End with the head of an assistant's turn. Default: true. */
  addGenerationPrompt?: boolean;
  tools?: readonly unknown[];
  /** Value of the template's clock functions; a template that asks for the time without one is
   * `invalid_argument`, since a run must be repeatable. */
  now?: Date;
  /** Special tokens written in message contents. Default: 'none', so that a user cannot forge a
   * turn. */
  allowSpecial?: 'all' | 'none' | readonly string[];
  variables?: Readonly<Record<string, unknown>>;
}

/** A rendered conversation, ready for `generate`. */
export interface ChatPrompt {
  readonly text: string;
  /** The prompt's ids; they hold every special token already. */
  readonly ids: Uint32Array;
}

// ------------------------------------------------------------------------------------- Precision

/** Types of float tensors: IEEE single, IEEE half, and bfloat16. */
export type FloatType = 'f32' | 'f16' | 'bf16';

/** Operations that a policy can tell apart. */
export type OpKind =
  | 'embedding' | 'linear' | 'norm' | 'rope' | 'attention' | 'activation' | 'residual' | 'logits'
  | 'loss' | 'optimizer';

/** How tensors are stored and how operations compute. */
export interface PrecisionPolicy {
  /** Storage of weights. 'file' keeps each tensor's own type, 'q8' quantises on load. Default:
   * 'file'. */
  weights?: 'file' | FloatType | 'q8';
  /** Storage of activations and gradients. Default: 'f32'. */
  activations?: FloatType;
  /** Arithmetic. 'f16' is native where the device has it and rounding after each op where not;
   * the record says which. Default: 'f32'. */
  compute?: FloatType;
  /** Exceptions by kind of operation. */
  ops?: Partial<Record<OpKind, { storage?: FloatType; compute?: FloatType }>>;
  /** Count non-finite values by op and name the op that first made one; slow. Default: false. */
  debug?: boolean;
}

/** What the policy became on the device at hand. */
export interface ResolvedPrecision {
  readonly weights: 'file' | FloatType | 'q8';
  readonly ops: Readonly<
    Record<OpKind, {
      readonly storage: FloatType;
      readonly compute: FloatType;
      readonly how: 'native' | 'rounded';
    }>
  >;
}

/** Values that are not finite, by op; only in debug mode. */
export interface NonFiniteReport {
  readonly op: string;
  readonly layer?: number;
  readonly tensor?: string;
  readonly nan: number;
  readonly infinite: number;
}

// ---------------------------------------------------------------------------------------- Models

/** A model's shape, in the words of Hugging Face's config.json; other keys are kept and saved. */
export interface ModelConfig {
  model_type: string;
  vocab_size: number;
  [key: string]: unknown;
}

/** Weights by name in the checkpoint's own names and shapes, as safetensors files, or drawn at
 * random from the seed. */
export type WeightsSource =
  | FileSource
  | readonly FileSource[]
  | Readonly<Record<string, TensorData>>
  | { init: 'random'; seed?: number };

/** A tensor's values, outside any model. */
export interface TensorData {
  readonly dtype: FloatType;
  readonly shape: readonly number[];
  /** Row-major; f16 and bf16 as 16-bit patterns. */
  readonly data: Float32Array | Uint16Array;
}

/** Where and how precisely a model runs; fixed for its life. */
export interface ModelOptions extends LongOptions {
  /** Which backend; one that is absent is `device_unavailable`, never replaced. 'auto' takes WebGPU
   * where there is an adapter that is no software, and says the reason where it takes the CPU.
   * Default: 'cpu', whose results are the same bits on every machine. */
  backend?: BackendName | 'auto';
  precision?: PrecisionPolicy;
  /** Longest sequence in tokens, 1 to the config's own limit. Default: the config's. */
  contextLength?: number;
  /** Default: the folder's own tokenizer; without one, text prompts are `invalid_argument`. */
  tokenizer?: Tokenizer;
  onTelemetry?: (event: TelemetryEvent) => void;
}

/** How a folder is fetched and whether its hashes are checked. */
export interface LoadModelOptions extends ModelOptions, FetchOptions {
  /** true: check against manifest.json where there is one, and say 'unverified' where not;
   * 'required': refuse to load without; false: do not check, and say so. Default: true. */
  verify?: boolean | 'required';
}

/** Loads a Hugging Face folder (config.json, safetensors, tokenizer.json, generation_config.json).
 * Errors: those of files and formats, `hash_mismatch`, `out_of_memory`, `device_unavailable`. */
export declare function loadModel(folder: FolderSource, options?: LoadModelOptions): Promise<Model>;

/** Makes a model from a config and weights. Errors: `invalid_config`, `missing_tensor`,
 * `unexpected_tensor`, `shape_mismatch`, `dtype_mismatch`, `out_of_memory`. */
export declare function createModel(
  config: ModelConfig, weights: WeightsSource, options?: ModelOptions,
): Promise<Model>;

/** The use that the estimate is for. */
export interface EstimateMemoryOptions {
  backend?: BackendName;
  precision?: PrecisionPolicy;
  /** Tokens of cache. Default: the config's context. */
  contextLength?: number;
  /** Adds gradients, optimizer state and the tape for a batch of this shape. */
  training?: { rows: number; length: number; optimizer?: OptimizerOptions };
}

/** Bytes by purpose, and whether they are there. */
export interface MemoryEstimate {
  readonly parameters: number;
  readonly weightsBytes: number;
  readonly cacheBytes: number;
  readonly activationsBytes: number;
  readonly gradientsBytes: number;
  readonly optimizerBytes: number;
  /** Linear memory and GPU memory that the sum needs. */
  readonly hostBytes: number;
  readonly deviceBytes: number;
  /** Whether it fits into what this machine offers; the reason where it does not. */
  readonly fits: boolean;
  readonly reason?: string;
}

/** Says beforehand what a model will need. */
export declare function estimateMemory(
  config: ModelConfig, options?: EstimateMemoryOptions,
): Promise<MemoryEstimate>;

/** Where a model's bytes came from and whether their hashes were promised and met. */
export interface Verification {
  readonly status: 'verified' | 'partly_verified' | 'unverified' | 'not_checked';
  readonly reason?: string;
  /** Where it is partly_verified. weights: browsers hash files larger than 8 MiB by their chunks, which
   * were compared; the hash of the whole, which records have, is the manifest's word. tokenizer: it was
   * given beside the folder, and is not the one that the manifest has. */
  readonly notVerified?: readonly ('weights' | 'tokenizer')[];
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly hash?: string }>>;
  /** Files that the folder may have and has not, with the status where a server answered. 403 counts
   * as absent, since some hosts answer so for what is not there. */
  readonly absent: Readonly<Record<string, { readonly status?: number }>>;
}

/** A loaded model. Calls on one model queue in order; different models interleave. */
export interface Model extends Handle {
  readonly config: ModelConfig;
  readonly tokenizer?: Tokenizer;
  readonly backend: BackendName;
  /** Why this backend. */
  readonly backendReason: string;
  readonly precision: ResolvedPrecision;
  readonly verification: Verification;
  readonly contextLength: number;
  readonly parameters: number;

  /** Continues a prompt. A text gets the tokenizer's special tokens, ids are taken as they are.
   * Errors: `token_out_of_range`, `context_overflow`, `aborted` (with `partial`), `device_lost`. */
  generate(prompt: Prompt, options?: GenerateOptions): Promise<GenerateResult>;
  /** The same, piece by piece; leaving the loop ends the work. */
  stream(prompt: Prompt, options?: GenerateOptions): GenerateStream;
  /** Logprob of each token given those before it. Takes ids as they are; at least 2 of them.
   * Errors: `token_out_of_range`, `context_overflow`, `unsupported` where logits are not finite. */
  score(tokens: ArrayLike<number>, options?: LongOptions): Promise<ScoreResult>;
  /** Logits at every position, or at the last one. */
  forward(tokens: ArrayLike<number>, options?: ForwardOptions): Promise<ForwardResult>;

  /** One optimizer step over a batch, or over several whose gradients are accumulated: forward,
   * backward, clip, update. */
  trainStep(
    batch: TrainBatch | readonly TrainBatch[], options?: TrainStepOptions,
  ): Promise<TrainStepResult>;
  /** Adds this batch's gradients to those held. They are sums over counted tokens, and become means
   * when read or applied. */
  backward(batch: TrainBatch, options?: BackwardOptions): Promise<BackwardResult>;
  /** The gradients held, unscaled, f32, in the checkpoint's names and shapes. Default: all. */
  gradients(names?: readonly string[]): Promise<Record<string, TensorData>>;
  /** Drops the gradients held. */
  zeroGradients(): Promise<void>;
  /** Clips, updates the weights from the gradients held, and drops them. */
  optimizerStep(options?: OptimizerStepOptions): Promise<OptimizerStepResult>;
  /** Mean loss over batches, weights untouched. */
  evaluate(
    batches: Iterable<TrainBatch> | AsyncIterable<TrainBatch>, options?: LongOptions,
  ): Promise<EvaluateResult>;
  /** A whole run: steps, evaluation, checkpoints and a record. */
  train(
    batches: Dataset<TrainBatch> | AsyncIterable<TrainBatch>, options: TrainOptions,
  ): Promise<TrainResult>;

  /** Names, types and shapes of the weights, in the checkpoint's names. */
  tensors(): Promise<{ name: string; dtype: FloatType | 'q8'; shape: number[] }[]>;
  /** One weight. Errors: `missing_tensor`. */
  tensor(name: string): Promise<TensorData>;
  /** SHA-256 over all weights in order of name, as they are now. */
  weightsHash(options?: LongOptions): Promise<string>;
  /** The files of a Hugging Face folder, by name, manifest.json included. */
  save(options?: SaveOptions): Promise<Record<string, Blob>>;
  /** Writes the folder (Node: path; browsers: a directory handle). Files that were there are
   * replaced only when all new ones are whole. */
  saveTo(folder: string | FileSystemDirectoryHandle, options?: SaveOptions): Promise<void>;
  saveCheckpoint(store: CheckpointStore, options?: LongOptions): Promise<CheckpointInfo>;
  loadCheckpoint(store: CheckpointStore, options?: LongOptions): Promise<CheckpointInfo>;
}

/** How weights are written. */
export interface SaveOptions extends LongOptions {
  /** Type of the saved weights. Default: as they are held. */
  dtype?: FloatType;
  /** Largest safetensors file in bytes; more become shards with an index. Default: 5e9. */
  maxShardBytes?: number;
}

// -------------------------------------------------------------------------------------- Generate

/** A text, token ids, or a rendered conversation. */
export type Prompt = string | ArrayLike<number> | ChatPrompt;

/** Applied in this order: repetition penalty, frequency and presence penalty, bias, temperature,
 * top-k, top-p, min-p. Ties go to the lowest id. */
export interface SamplingOptions {
  /** 0 is greedy; otherwise > 0, finite. Default: 1. */
  temperature?: number;
  /** Keep the k likeliest; an integer ≥ 0, 0 is off. Default: 0. */
  topK?: number;
  /** Keep the smallest set of at least this probability, in (0, 1]. Default: 1. */
  topP?: number;
  /** Keep tokens of at least this share of the likeliest's probability, in [0, 1]. Default: 0. */
  minP?: number;
  /** > 0; over prompt and continuation. Default: 1. */
  repetitionPenalty?: number;
  /** Times the count among generated tokens, −2 to 2. Default: 0. */
  frequencyPenalty?: number;
  /** For each token already generated, −2 to 2. Default: 0. */
  presencePenalty?: number;
  /** Added to the logits, by token id. */
  logitBias?: Readonly<Record<number, number>>;
}

/** One generation. Values out of range are `invalid_argument`, naming the argument. */
export interface GenerateOptions extends SamplingOptions, LongOptions {
  /** An integer 0 to 2^53 − 1. Default: one is drawn, returned and recorded. */
  seed?: number;
  /** An integer ≥ 1. Default: what the context leaves. */
  maxTokens?: number;
  /** Texts that end the continuation; they are absent from `text`. */
  stop?: string | readonly string[];
  /** Ids that end it. Default: generation_config.json, then config.json; [] is none. */
  stopIds?: readonly number[];
  /** Also return logprobs of the chosen token and of the top n, 0 to 20; log-softmax of the raw
   * logits. Default: none. */
  logprobs?: number;
  /** Return a run record. Default: false. */
  record?: boolean;
  onTelemetry?: (event: TelemetryEvent) => void;
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
  readonly prefillMs: number;
  readonly decodeMs: number;
  readonly promptTokens: number;
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
  positions?: 'all' | 'last';
}

/** Raw logits, before any penalty or temperature. */
export interface ForwardResult {
  /** f32, shape [positions, vocabulary]. */
  readonly logits: Float32Array;
  readonly shape: readonly [positions: number, vocabulary: number];
}

// -------------------------------------------------------------------------------------- Training

/** Tokens and their labels. Labels are shifted inside, −100 is ignored; default: the tokens. */
export type TrainBatch =
  | { tokens: readonly ArrayLike<number>[]; labels?: readonly ArrayLike<number>[] }
  | {
      tokens: Int32Array | Uint32Array;
      labels?: Int32Array;
      shape: readonly [rows: number, length: number];
    };

/** AdamW (Loshchilov, Hutter 2019). Fixed at the first step; changing it later is
 * `invalid_argument`. */
export interface OptimizerOptions {
  name?: 'adamw';
  /** Default: 0.9, 0.999; each in [0, 1). */
  betas?: readonly [number, number];
  /** > 0. Default: 1e-8. */
  eps?: number;
  /** ≥ 0; matrices only, not biases, norms or what `noDecay` names. Default: 0.01. */
  weightDecay?: number;
  /** Tensor names, with * for any text. */
  noDecay?: readonly string[];
  /** Tensors that stay as they are, with * for any text. Default: none. */
  freeze?: readonly string[];
}

/** What a loss-scale function is told before a step. */
export interface LossScaleState {
  readonly step: number;
  readonly scale: number;
  /** Steps since the last overflow. */
  readonly goodSteps: number;
  readonly overflowed: boolean;
}

/** A fixed scale > 0, dynamic (doubling and halving), or a function of the state. */
export type LossScale = number | 'dynamic' | ((state: LossScaleState) => number);

/** One update of the weights. */
export interface OptimizerStepOptions extends LongOptions {
  /** Learning rate ≥ 0; may differ at every step. Default: 1e-3. */
  lr?: number;
  /** Largest global norm of the gradients, > 0. Default: no clipping; fixed at the first step. */
  clipNorm?: number;
  optimizer?: OptimizerOptions;
  /** May differ at every step. Default: 1 (off). */
  lossScale?: LossScale;
}

/** One backward pass. */
export interface BackwardOptions extends LongOptions {
  /** The scale of this batch's loss. Default: 1 (off). */
  lossScale?: LossScale;
  /** Dropout in [0, 1), fixed at the first step. Default: the config's. */
  dropout?: number;
  /** Seed of dropout, 0 to 2^53 − 1, fixed at the first step. Default: drawn and returned. */
  seed?: number;
}

/** One training step: a backward pass per batch and an update. */
export interface TrainStepOptions extends OptimizerStepOptions, BackwardOptions {}

/** What a backward pass found. */
export interface BackwardResult {
  /** Mean over the counted tokens of this batch. */
  readonly loss: number;
  readonly countedTokens: number;
  readonly seed: number;
  readonly nonFinite: readonly NonFiniteReport[];
}

/** What an update did. */
export interface OptimizerStepResult {
  /** Steps taken, this one included; skipped ones do not count. */
  readonly step: number;
  /** Global norm before clipping. */
  readonly gradientNorm: number;
  readonly clipFactor: number;
  /** True where gradients overflowed and the weights were left alone. */
  readonly skipped: boolean;
  readonly skipReason?: string;
  readonly lossScale: number;
  readonly lr: number;
}

/** What a training step did. */
export interface TrainStepResult extends OptimizerStepResult {
  /** Mean over the counted tokens of the whole accumulated batch. */
  readonly loss: number;
  readonly countedTokens: number;
  readonly seed: number;
  readonly nonFinite: readonly NonFiniteReport[];
  readonly milliseconds: number;
}

/** Mean negative logprob over counted tokens, and its exponential. */
export interface EvaluateResult {
  readonly loss: number;
  readonly perplexity: number;
  readonly countedTokens: number;
}

/** Learning rate over the steps. */
export type Schedule =
  | { name: 'constant'; warmupSteps?: number }
  | { name: 'linear' | 'cosine'; warmupSteps?: number; endFactor?: number }
  | ((step: number) => number);

/** A whole training run; what is not given here is as in `trainStep`. */
export interface TrainOptions extends LongOptions {
  /** Optimizer steps, ≥ 1. */
  steps: number;
  /** Batches accumulated to a step. Default: 1. */
  accumulate?: number;
  /** Peak learning rate. Default: 1e-3. */
  lr?: number;
  /** Default: constant. */
  schedule?: Schedule;
  clipNorm?: number;
  optimizer?: OptimizerOptions;
  lossScale?: LossScale;
  dropout?: number;
  seed?: number;
  /** Called after each step. */
  onStep?: (result: TrainStepResult) => void;
  evaluate?: { every: number; batches: Dataset<TrainBatch> };
  checkpoint?: { every: number; store: CheckpointStore };
  /** The record holds the weights' hash after every so many steps. Default: after the last only. */
  hashEvery?: number;
  /** Go on from the store's checkpoint, dataset cursor included. Default: false. */
  resume?: boolean;
}

/** A finished training run. */
export interface TrainResult {
  readonly steps: number;
  readonly skippedSteps: number;
  readonly losses: Float32Array;
  readonly evaluations: readonly { readonly step: number; readonly loss: number }[];
  readonly weightsHash: string;
  readonly seed: number;
  readonly record: RunRecord;
}

// ----------------------------------------------------------------------------------- Checkpoints

/** What goes into a file: bytes, or pieces of any size one after the other. */
export type CheckpointContent =
  | Uint8Array | ArrayBuffer | Blob | ReadableStream<Uint8Array>
  | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** What belongs to the files of a checkpoint; JSON. */
export interface CheckpointState {
  /** Steps done. */
  readonly step: number;
  /** Of the weights after that step; null where they were not hashed. */
  readonly weightsHash: string | null;
  /** Next position of each random stream that was drawn from, by name. */
  readonly positions: Readonly<Record<string, number>>;
  /** Where the dataset stands; null without one. */
  readonly cursor: DatasetCursor | null;
  /** What else its writer keeps. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** One checkpoint of a store. */
export interface CheckpointInfo {
  /** Counts the checkpoints of a store, from 1. */
  readonly sequence: number;
  /** Which of the store's two places holds it. */
  readonly slot: 'a' | 'b';
  /** Of all its files. */
  readonly bytes: number;
  /** Its own: SHA-256 over its state and the names and hashes of its files. */
  readonly hash: string;
  readonly state: CheckpointState;
  /** What was found in the store and is no whole checkpoint, so that this may be an older one than the
   * newest that was written: `hash_mismatch` with file, expected and found for what is damaged,
   * `not_found` for files without a HEAD, which a write leaves that was cut off. Of a write: what it
   * replaced. */
  readonly passedOver: readonly RepriseError[];
}

/** A file of a checkpoint. */
export interface CheckpointFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Its bytes in order, in pieces of 8 MiB that are checked before they are given. Errors:
   * `hash_mismatch` where the file was changed meanwhile, `io`. */
  pieces(): AsyncIterable<Uint8Array>;
  /** All of it. Errors: likewise. */
  whole(): Promise<Uint8Array>;
}

/** A checkpoint that was read. Its files can be read until the store writes twice more. */
export interface Checkpoint extends CheckpointInfo {
  /** By name. */
  readonly files: Readonly<Record<string, CheckpointFile>>;
}

/** How a store is opened. */
export interface OpenCheckpointsOptions {
  /** Do not write: others may write meanwhile. Default: false. */
  readOnly?: boolean;
}

/** A folder of two alternating slots, each with a HEAD that is written last: a crash at any moment
 * leaves the older checkpoint or the newer one whole. Calls queue in order. Disposing of it ends a
 * write under way, which leaves the checkpoint before it. */
export interface CheckpointStore extends Handle {
  /** The folder. */
  readonly name: string;
  /** The newest checkpoint, by its HEAD and the sizes of its files; undefined where there is none. A
   * store whose only checkpoint lost its HEAD counts as one without: a first write that was cut off
   * leaves the same. Errors: `hash_mismatch` where none is whole, with file, expected and found; `invalid_config` and
   * `unsupported`, with file and path, for a HEAD that is none or of a later version; `io`. */
  head(): Promise<CheckpointInfo | undefined>;
  /** The newest checkpoint, every byte of it checked; an older whole one where that is damaged, which
   * `passedOver` says. Errors: as above; `aborted`. */
  read(options?: LongOptions): Promise<Checkpoint | undefined>;
  /** Writes a checkpoint and resolves once it would outlast a crash. The one before it is whole until
   * then, and stays where this fails or is aborted. What the state leaves out is null or empty. Names
   * are plain file names; contents may change only afterwards. Errors: `invalid_argument`,
   * `invalid_config` with the path in the state or the files; `busy` where another writer took the
   * store; `aborted`; `io`; `hash_mismatch` where the store holds checkpoints and none is whole; what
   * a content throws. */
  write(
    files: Readonly<Record<string, CheckpointContent>>,
    state: Pick<CheckpointState, 'step'> & Partial<CheckpointState>,
    options?: LongOptions,
  ): Promise<CheckpointInfo>;
}

/** Opens or makes a store of checkpoints: a folder's path in Node; in browsers a name in the origin's
 * private files, or the handle of a folder there. No other store can write to it until this one is
 * disposed of. Errors: `busy` where one does; `io`; `not_found` where there is nothing to read only;
 * `unsupported` in browsers without such files. */
export declare function openCheckpoints(
  location: string | FileSystemDirectoryHandle, options?: OpenCheckpointsOptions,
): Promise<CheckpointStore>;

// -------------------------------------------------------------------------------------- Datasets

/** Types of a field's values. */
export type FieldType =
  | 'string' | 'int32' | 'int64' | 'float32' | 'float64' | 'bool' | 'timestamp' | 'categorical'
  | 'bytes';

/** One field of a dataset's rows. */
export interface Field {
  name: string;
  type: FieldType | { list: FieldType };
  /** Whether a value may be absent. Default: false. */
  optional?: boolean;
  /** Where it stands in nested rows, such as `answer.text`, or the names one by one. Default: its
   * name. */
  path?: string | readonly string[];
  /** Of a string: any JSON is taken, strings as they are and everything else as its JSON text. */
  from?: 'any';
  modality?: 'text' | 'tokens' | 'label' | 'number' | 'image';
  /** Allowed values of a categorical field, in the order of their codes. */
  categories?: readonly string[];
}

/** What a dataset's rows look like; JSON, part of the run config, hashed. */
export interface DatasetSchema {
  version: 1;
  fields: readonly Field[];
  /** What becomes of what a row has besides the fields: an error, or it is left out. Default:
   * 'refuse'. */
  otherFields?: 'refuse' | 'ignore';
  /** Of CSV that is read without the option `delimiter`: the character between fields. An inferred schema
   * has it where that is not a comma. */
  delimiter?: string;
  /** The field that is the text. */
  text?: string;
  splits?: Readonly<Record<string, number>>;
  seed?: number;
}

/** int64 values are bigint, timestamps are bigint microseconds since 1970 UTC, absent ones null. */
export type Value = string | number | bigint | boolean | Uint8Array | readonly Value[] | null;
/** One row, by field name. */
export type Row = Readonly<Record<string, Value>>;

/** One file, several files of one format one after the other, a stream, or rows. A stream can be read
 * once only. */
export type DatasetSource =
  | FileSource
  | readonly FileSource[]
  | ReadableStream<Uint8Array>
  | Iterable<Readonly<Record<string, unknown>>>
  | AsyncIterable<Readonly<Record<string, unknown>>>;

/** How a dataset is written in a file. */
export type DatasetFormat = 'csv' | 'tsv' | 'json' | 'jsonl' | 'text' | 'parquet';

/** How a source is read and checked. */
export interface LoadDatasetOptions extends LongOptions, FetchOptions {
  /** Default: by the file's name, without its compression's; a source without a name needs it. */
  format?: DatasetFormat | undefined;
  /** Default: by the content. */
  compression?: 'none' | 'gzip' | 'zstd' | undefined;
  /** Default: inferred from the first 20,000 rows and written down in `schema`; a row further down that
   * does not fit is an error that names it. */
  schema?: DatasetSchema | undefined;
  /** Keep only these fields. */
  columns?: readonly string[] | undefined;
  /** CSV: one ASCII character. Default: the schema's, without a schema what the first rows look like,
   * else ',' (TSV: tab). */
  delimiter?: string | undefined;
  /** CSV: the character around fields that hold delimiters or line ends, '' for none. Default: '"'
   * (TSV: none). */
  quote?: string | undefined;
  /** CSV: whether the first row holds names. Default: as the first rows look, which without a schema
   * is told from them; with one: true. */
  header?: boolean | undefined;
  /** Text: what a row is. Default: 'line'. */
  textRows?: 'line' | 'blank_line' | 'whole' | undefined;
  /** JSON: the members that lead to the array of rows, such as `data.rows`, or their names one by one.
   * Default: the root. */
  rowsPath?: string | readonly string[] | undefined;
  /** 'error' stops at the first bad row. 'skip' leaves bad rows out and lists them in the report;
   * 'collect' reads everything, then throws with all of them. Default: 'error'. */
  onError?: 'error' | 'collect' | 'skip' | undefined;
  /** Bad rows of all files at which 'collect' and 'skip' give up. Default: 1000. */
  maxErrors?: number | undefined;
  /** Hears how each reading of the source went, when it has ended and before whoever asked for it hears of
   * its end or its error, whatever reads: `rows`, an iteration, `columns`, `write`, `split`, of this
   * dataset or of one that is made of it. What it throws ends what reads. */
  onReport?: ((report: ReadReport) => void) | undefined;
}

/** How a schema is inferred. */
export interface InferSchemaOptions extends Omit<
  LoadDatasetOptions, 'schema' | 'columns' | 'onError' | 'maxErrors' | 'onReport'> {
  /** How many rows are looked at. Default: 20,000. */
  sampleRows?: number | undefined;
}

/** Every problem found, up to `maxErrors`, and how many rows were left out. */
export interface ValidationReport {
  /** Rows that fit. */
  readonly rows: number;
  readonly skipped: number;
  /** Lines without anything in them, which are no rows. */
  readonly blankRows: number;
  readonly problems: readonly {
    readonly file: string;
    /** Of the file, from 0, the header not counted. */
    readonly row: number;
    /** Absent where it is the row as a whole. */
    readonly column?: string;
    /** Of the decompressed file; absent of rows of JavaScript and of Parquet. */
    readonly byte?: number;
    readonly expected: string;
    readonly found: string;
  }[];
}

/** What one reading of a source met, as far as it came: it may have read more rows than it gave. */
export interface ReadReport extends ValidationReport {
  /** False where the reading was left before the end, as behind `take`, or ended with an error. */
  readonly complete: boolean;
}

/** What one field's values are. */
export interface DatasetFieldStats {
  /** Rows with a value. */
  readonly count: number;
  readonly absent: number;
  /** Different values of strings, bytes, categories and bools; undefined where there are more than
   * 10,000. */
  readonly distinct?: number;
  /** Numbers; of int64 and timestamps (microseconds) in decimal as strings; of strings by their
   * bytes, the first 200 of them. */
  readonly min?: number | string;
  readonly max?: number | string;
  /** Of numbers, without NaN. */
  readonly mean?: number;
  /** Of strings and bytes in bytes, of lists in elements. */
  readonly meanLength?: number;
}

/** Counts and ranges by field, after one pass. */
export interface DatasetStats {
  readonly rows: number;
  readonly report: ValidationReport;
  readonly fields: Readonly<Record<string, DatasetFieldStats>>;
}

/** How rows are dealt out. */
export interface SplitOptions extends LongOptions {
  /** Shares by name that sum to 1, in any order: parts are dealt out in that of their names. Default: the
   * schema's `splits`. */
  ratios?: Readonly<Record<string, number>> | undefined;
  /** Row counts by name, which sum to the rows; instead of `ratios`. */
  counts?: Readonly<Record<string, number>> | undefined;
  /** 0 to 2^53 − 1. Default: the schema's, else drawn and returned in each split. */
  seed?: number | undefined;
  /** 'shuffle' permutes the rows; 'content' goes by each row's hash, stable when rows are added;
   * 'huggingface' gives the rows of `datasets.train_test_split`. Default: 'shuffle'. */
  method?: 'shuffle' | 'content' | 'huggingface' | undefined;
  /** Rows of one value of this field stay in one split. */
  key?: string | undefined;
  /** Every split has about the same shares of this field's values. */
  stratify?: string | undefined;
}

/** One part of a dataset; the same everywhere for the same rows and seed. */
export interface Split {
  readonly name: string;
  readonly rows: number;
  readonly seed: number;
  /** Hash of the split's rows in order, whatever format they came in. */
  readonly hash: string;
  readonly data: Dataset<Row>;
}

/** A column of all rows, in Arrow's layout: typed arrays. */
export interface Column {
  readonly field: Field;
  /** Of strings and bytes their bytes one behind the other, of bools one byte each, of categories the
   * codes. */
  readonly values: Int32Array | BigInt64Array | Float32Array | Float64Array | Uint8Array;
  /** Of strings and bytes: where each begins, and the end of the last. */
  readonly offsets?: BigInt64Array;
  /** Of lists: where each one's elements begin, and the end of the last. */
  readonly listOffsets?: BigInt64Array;
  /** One bit a row, the lowest first, 0 where a value is absent; undefined where none is. */
  readonly validity?: Uint8Array;
}

/** Where an iteration stands; JSON, resumes exactly. */
export interface DatasetCursor {
  readonly version: 1;
  /** Hash of the source's content, as far as docs/datasets.md says, of schema and transformations;
   * another one is `hash_mismatch`. */
  readonly dataset: string;
  /** Items given since the dataset's beginning. */
  readonly position: number;
  readonly state: unknown;
}

/** What transformations left out so far. */
export interface DroppedCounts {
  /** Rows of last batches that were not full. */
  readonly rows: number;
  /** Tokens of last rows that were not full, the `eos` after their documents included. */
  readonly tokens: number;
}

/** An iteration that can be saved between items. */
export interface DatasetIterator<T> extends AsyncIterableIterator<T> {
  /** The place after the last item given, also after an abort or an error. There is none before the
   * first `next` was answered, unless the iteration began at a cursor: `invalid_argument`. */
  cursor(): DatasetCursor;
  /** What `pack` and `batch` left out of what was read since the dataset's beginning; whole once the
   * iteration has ended. */
  dropped(): DroppedCounts;
  [Symbol.asyncIterator](): DatasetIterator<T>;
  next(): Promise<IteratorResult<T, undefined>>;
  /** Ends the iteration. */
  return(): Promise<IteratorResult<T, undefined>>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How an iteration begins and is followed: progress in rows. */
export interface IterateOptions extends LongOptions {
  /** Goes on behind this place. Default: the beginning. */
  from?: DatasetCursor | undefined;
}

/** What `map` makes. */
export interface MapOptions {
  /** What its rows look like: each is held against it wherever they are read in columns or written. A row
   * has each field by its name or along its `path`. Default: inferred from the first 20,000 rows, where
   * columns, a hash, a split or a file is asked for. */
  schema?: DatasetSchema | undefined;
}

/** How several datasets become one. */
export interface InterleaveOptions {
  /** One a dataset, this one first: finite, ≥ 0, not all 0. Default: equal ones. */
  weights?: readonly number[] | undefined;
  /** 0 to 2^53 − 1. Default: drawn once, here. */
  seed?: number | undefined;
}

/** How rows are shuffled. */
export interface ShuffleOptions {
  /** Shuffles within so many rows. Default: all of them, at most 2^24, which are kept in memory. */
  window?: number | undefined;
}

/** How texts are encoded; `batch` pads. */
export type TokenizeOptions =
  Pick<EncodeOptions, 'addSpecialTokens' | 'allowSpecial' | 'truncation'>;

/** How documents become rows of one length. */
export interface PackOptions {
  /** Id put after each document. Default: none. */
  eos?: number | undefined;
  /** Whether a row may hold several documents; where not, each document has a last row of its own.
   * Default: true. */
  acrossDocuments?: boolean | undefined;
  /** What becomes of a last row that is not full: it is left out and counted in `dropped()`, or
   * padded. Default: 'drop'. */
  last?: 'drop' | 'pad' | undefined;
  /** Padding's label is −100, so that it counts nowhere. Default: 0. */
  padId?: number | undefined;
}

/** How rows become batches. */
export interface BatchOptions {
  /** Leave out a last batch that is not full, counted in `dropped()`. Default: false. */
  dropLast?: boolean | undefined;
  /** Pad token rows to this length, or to the longest of the batch; padding's label is −100. Default:
   * rows of different lengths, and longer ones than this, are `invalid_argument` with the `row`. */
  padTo?: number | 'longest' | undefined;
  /** Default: 0. */
  padId?: number | undefined;
}

/** How much is kept. */
export interface CacheOptions {
  /** As counted: 2 bytes for a UTF-16 unit, the bytes of typed arrays, 8 for other values, and 16 for
   * each value and member. Default: 2^28. */
  maxBytes?: number | undefined;
}

/** A row of token ids; labels default to the tokens. */
export interface TokenRow {
  readonly tokens: Uint32Array;
  readonly labels?: Int32Array;
  /** Tokens that truncation removed; only where `tokenize` truncates. */
  readonly removed?: number;
}

/** Token rows of one length, row after row. */
export interface TokenBatch {
  readonly tokens: Uint32Array;
  /** Of all rows where one of them has labels or is padded. */
  readonly labels?: Int32Array;
  readonly shape: readonly [rows: number, length: number];
}

/** What `batch` makes: token rows become training batches, other rows lists. */
export type BatchOf<T> = T extends TokenRow ? TokenBatch : T[];

/** A lazy, ordered sequence. A transformation makes a new dataset and leaves this one as it is; it
 * holds nothing of its own but what `cache` keeps, so that the one to dispose of is the one that was
 * loaded, after which all that was made of it is `disposed` too.
 *
 * Functions are called with one item after the other and may be asynchronous; the same item and index
 * must always give the same. What one throws is the `cause` of an `invalid_argument` that names the
 * `row`. A cursor knows a function by its text alone: not by the values that it uses from outside, nor
 * what stands behind `bind`. */
export interface Dataset<T> extends AsyncIterable<T>, Handle {
  /** What its rows look like; absent behind `map` without a schema, `tokenize`, `pack` and `batch`, and
   * where datasets of different schemas were joined. */
  readonly schema?: DatasetSchema;
  /** Rows, where they are known without reading. */
  readonly length?: number;

  /** `index` counts the items that come in, from 0. */
  map<U>(fn: (item: T, index: number) => U | Promise<U>, options?: MapOptions): Dataset<U>;
  filter(fn: (item: T, index: number) => boolean | Promise<boolean>): Dataset<T>;
  /** Keeps these fields, in this order. */
  select<Name extends keyof T & string>(fields: readonly Name[]): Dataset<Pick<T, Name>>;
  /** Old name to new name. */
  rename(names: Readonly<Record<string, string>>): Dataset<Row>;
  /** The first ones; what comes behind them is not read. */
  take(count: number): Dataset<T>;
  skip(count: number): Dataset<T>;
  concat(...others: readonly Dataset<T>[]): Dataset<T>;
  /** Draws from this one and the others by weight until the one that is drawn has ended. */
  interleave(others: readonly Dataset<T>[], options?: InterleaveOptions): Dataset<T>;
  /** A full permutation, which keeps what it permutes in memory, of at most 2^24 rows; more are
   * `unsupported`.
   *
   * With `window` a shuffle within that many rows, for streams: a buffer holds the first
   * `window` rows; each step draws a place in it (again where the buffer ends before that), gives the
   * row there, and puts the next row that comes in its place, or, where none comes, the buffer's last. A
   * cursor then holds `window` numbers, and resuming reads again what the buffer held. A seed is 0 to 2^53 − 1; default: drawn once, here. */
  shuffle(seed?: number, options?: ShuffleOptions): Dataset<T>;
  /** Default: for ever, until a time gives nothing. A shuffle or an interleaving before it draws anew
   * each time, but for what is before a `cache`. */
  repeat(times?: number): Dataset<T>;
  /** Encodes texts: items that are strings, or this field of rows. Default: the schema's text. */
  tokenize(tokenizer: Tokenizer, field?: string, options?: TokenizeOptions): Dataset<TokenRow>;
  /** Rows of exactly `length` tokens, cut from documents in order. */
  pack(length: number, options?: PackOptions): Dataset<TokenRow>;
  batch(size: number, options?: BatchOptions): Dataset<BatchOf<T>>;
  /** Keeps what was computed, in memory, up to `maxBytes`; more is `out_of_memory`. Every iteration
   * gives the kept items themselves, which nobody may change. */
  cache(options?: CacheOptions): Dataset<T>;

  [Symbol.asyncIterator](): DatasetIterator<T>;
  /** Iterates from a cursor, with progress and abort. Errors: `hash_mismatch` for a cursor of another
   * dataset. */
  iterate(options?: IterateOptions): DatasetIterator<T>;
  /** All of them. */
  rows(options?: LongOptions): Promise<T[]>;
  /** Deals the rows out to parts. Reads everything, and keeps it in memory as long as a part lives. */
  split(options?: SplitOptions): Promise<Record<string, Split>>;
  /** Reads everything and says which rows do not fit the schema, whatever `onError` says. */
  validate(options?: LongOptions): Promise<ValidationReport>;
  stats(options?: LongOptions): Promise<DatasetStats>;
  /** Hash of all rows in order, of their values alone, whatever format and chunks they came in. */
  hash(options?: LongOptions): Promise<string>;
  columns(options?: LongOptions): Promise<Record<string, Column>>;
  /** All rows as a table of the optional package apache-arrow, which has to be installed: a record batch
   * of what was read together, fields by name in order, optional ones nullable. Strings are Utf8, bytes
   * Binary, timestamps in microseconds with time zone UTC, categorical fields Dictionary<Utf8, Int32> of
   * their categories, lists List; the others have their names. Errors: `unsupported`, with `package`,
   * where apache-arrow does not load; those of reading. */
  toArrow(options?: LongOptions): Promise<import('apache-arrow').Table>;
  /** The dataset as a file's bytes, each field where its `path` leads, in CSV in a column of the path's
   * names with dots between. Errors: `invalid_data` for a row that does not fit the schema, with `row`,
   * `column`, `expected` and `found`; `invalid_argument` for fields that would stand in one place; those
   * of reading. */
  write(format: 'jsonl' | 'csv' | 'parquet', options?: LongOptions): ReadableStream<Uint8Array>;
}

/** Opens a dataset, lazily: its rows are read, checked against the schema and given one by one as they
 * are asked for. Errors: `invalid_argument`; `invalid_config` for a schema; `invalid_data` with file, row,
 * column, byte, expected and found; those of reading. */
export declare function loadDataset(
  source: DatasetSource, options?: LoadDatasetOptions,
): Promise<Dataset<Row>>;

/** Reads a sample and says what the schema seems to be. Errors: those of `loadDataset`. */
export declare function inferSchema(
  source: DatasetSource, options?: InferSchemaOptions,
): Promise<DatasetSchema>;

// ------------------------------------------------------- Manifests, run configs, records, replay

/** Names, sizes and hashes of a model folder's files: the content of manifest.json. */
export interface Manifest {
  readonly format: 'reprise-manifest';
  readonly version: 1;
  readonly runtime: string;
  readonly numericsVersion: number;
  readonly files: readonly {
    readonly name: string;
    readonly role: 'weights' | 'config' | 'tokenizer' | 'other';
    readonly bytes: number;
    readonly sha256: string;
    /** Hashes of the file's pieces of 8 MiB, in order. */
    readonly chunks: readonly string[];
  }[];
}

/** How a folder is read. */
export interface ManifestOptions extends LongOptions, FetchOptions {
  /** Leave out files for which a host answers 403: hosts that list no folders, such as S3, answer so for
   * what is not there. Otherwise that is an error. Default: false. */
  allowForbidden?: boolean;
}

/** Reads a folder's files and writes down what they are. Errors: `not_found`, `io`, `network`. */
export declare function createManifest(
  folder: FolderSource, options?: ManifestOptions,
): Promise<Manifest>;

/** Checks every file. Errors: `hash_mismatch` with file, expected and found; `not_found`. */
export declare function verifyFolder(
  folder: FolderSource, options?: LongOptions & FetchOptions & { manifest?: Manifest | FileSource },
): Promise<Verification>;

/** The dataset of a run config: files inside its folder, how they are read, and how they are split. */
export interface RunDataset extends Omit<LoadDatasetOptions, keyof LongOptions | keyof FetchOptions> {
  source: string | readonly string[];
  /** `seed` defaults to the schema's, else to the config's. */
  split?: Omit<SplitOptions, keyof LongOptions>;
}

/** The content of a `reprise.json`; its JSON Schema is published with the package. Its hash is
 * `hashJson` of it as it stands, without the defaults of what it leaves out. */
export interface RunConfig {
  version: 1;
  /** A folder inside that of the file ('.' is that one itself), or a model's dimensions. There is a model,
   * a dataset, or both. */
  model?: { folder: string } | { config: ModelConfig };
  /** Longest sequence in tokens. Default: the model's own. */
  contextLength?: number;
  precision?: PrecisionPolicy;
  dataset?: RunDataset;
  seed?: number;
  sampling?: SamplingOptions & {
    maxTokens?: number; stop?: readonly string[]; stopIds?: readonly number[];
  };
  training?: Readonly<Record<string, unknown>>;
}

/** Checks a config: an object, or a file that holds one. Errors: `invalid_json`; `invalid_config` with
 * the path, what was found, what is allowed; `unsupported` with the path for a later version and for
 * what does not run yet. */
export declare function validateRunConfig(config: unknown): Promise<RunConfig>;

/** SHA-256 of the RFC 8785 form of a JSON value. Errors: `invalid_argument` for what JSON has not, such
 * as NaN and bigint; `invalid_json` for lone surrogates and nesting deeper than 256. */
export declare function hashJson(value: unknown): Promise<string>;

/** What a run was made of and what came out, as schema/record.schema.json has it; JSON. Capabilities
 * and timings are never compared. */
export interface RunRecord {
  readonly format: 'reprise-record';
  readonly version: 1;
  /** Depends on inputs, settings and the numerics version, not on backend and threads. */
  readonly runId: string;
  readonly kind: 'generate';
  /** Version of the package. */
  readonly runtime: string;
  readonly numericsVersion: number;
  readonly inputs: {
    /** Name of the model's folder, without its place. */
    readonly model: string | null;
    /** Of config.json's RFC 8785 form. */
    readonly config: string;
    /** Of the file; of several, of the JSON list of their hashes, a folder's in the order of their names,
     * others as they were given; null where nothing was hashed. */
    readonly weights: string | null;
    readonly tokenizer: string | null;
    readonly dataset: null;
    readonly verification: Verification['status'];
    readonly notVerified?: Verification['notVerified'];
  };
  readonly seed: number;
  /** Next position of each random stream, by name. */
  readonly positions: { readonly sample: number };
  readonly settings: Readonly<Required<SamplingOptions>> & {
    readonly maxTokens: number | null;
    readonly stop: readonly string[];
    readonly stopIds: readonly number[];
    readonly contextLength: number;
  };
  readonly policy: {
    readonly weights: 'file'; readonly activations: 'f32'; readonly compute: 'f32';
  };
  /** What the policy became on the device. */
  readonly resolved: {
    readonly weights: 'file';
    readonly ops: Readonly<Record<string, {
      readonly storage: 'f32'; readonly compute: 'f32'; readonly how: 'native' | 'rounded';
    }>>;
  };
  /** 'reference' is the native core's oracle. */
  readonly backend: BackendName | 'reference';
  readonly threads: number;
  /** What the machine offered, as its host says it. */
  readonly capabilities: Partial<Capabilities> | Readonly<Record<string, unknown>> | null;
  readonly promptIds: readonly number[];
  readonly outputIds: readonly number[];
  /** Logprob of each output id: log-softmax of the raw logits, f32. */
  readonly logprobs: readonly number[];
  readonly finishReason: FinishReason;
  readonly training: null;
  /** Milliseconds and rates by name. */
  readonly timings: Readonly<Record<string, number>>;
}
// To come with training: `kind` is 'train' too, `inputs.dataset` a hash, `policy` a PrecisionPolicy, `resolved` a
// ResolvedPrecision, and `training` {losses, weightsHashes: [{step, sha256}], skippedSteps}.

/** Checks a record of this or an older version. Errors: `invalid_config` with the path. */
export declare function parseRecord(source: FileSource | RunRecord): Promise<RunRecord>;

/** A record and the files of its model's folder as one zip, which `replay` takes. Errors:
 * `hash_mismatch` where the folder is not the recorded model; `unsupported` from 4 GiB on. */
export declare function bundleRecord(
  record: RunRecord, folder: FolderSource, options?: ManifestOptions,
): Promise<Blob>;

/** What to run a record again with. */
export interface ReplayOptions extends LongOptions, FetchOptions {
  /** The model, or where its folder is; its hashes are checked. Records hold no addresses. Default:
   * the bundle's, where it is one. */
  model?: Model | FolderSource;
  /** Default: the recorded one, which must be there; a given model keeps its own. */
  backend?: BackendName;
  /** Default: those of the runtime; they change no bit. */
  threads?: number;
  /** Run with a config, weights or tokenizer of another hash, which then is a reason in the result,
   * instead of refusing with `hash_mismatch`. Default: false. */
  allowOtherInputs?: boolean;
}

/** Why a run may have come out differently. */
export interface ReplayReason {
  readonly kind: 'numerics_version' | 'backend' | 'weights' | 'tokenizer' | 'config' | 'precision'
    | 'settings' | 'unknown';
  readonly text: string;
}

/** Whether a run came out the same, and where and why not. `record` is of the new run, `compared`
 * the number of tokens. */
export type ReplayResult =
  | {
      readonly verdict: 'identical';
      readonly compared: number;
      /** Empty but for what was other all the same, and changed nothing. */
      readonly reasons: readonly ReplayReason[];
      readonly record: RunRecord;
    }
  | {
      readonly verdict: 'differs';
      readonly compared: number;
      /** First token that differs, from 0; absent where only logprobs or the end do. An id, or
       * 'nothing' where that run had ended. */
      readonly firstDifference?: {
        readonly at: number;
        readonly unit: 'token';
        readonly recorded: number | 'nothing';
        readonly found: number | 'nothing';
      };
      /** |Δlogprob| of the recorded tokens, each given the recorded ones before it. */
      readonly drift: { readonly max: number; readonly mean: number };
      /** Whether the drift is inside the tolerance that is stated between WebGPU and the CPU; absent
       * between CPUs, which differ in nothing. */
      readonly withinTolerance?: boolean;
      readonly reasons: readonly ReplayReason[];
      readonly record: RunRecord;
    };

/** Runs a record again and says whether the same came out. Errors: `hash_mismatch`, `not_found`,
 * `device_unavailable`, `invalid_config`. */
export declare function replay(
  record: FileSource | RunRecord, options?: ReplayOptions,
): Promise<ReplayResult>;
